/** Who may do what: every action by everybody through every door. An action that the matrix does not cover fails. */
import type { SharedErrorCode } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import { type Asked, type Door, doors } from "../support/actors/doors.ts";
import { expiredTokenOf } from "../support/actors/people.ts";
import type { RouteRequest } from "../support/fixtures/route-case.ts";
import { routeCases } from "../support/fixtures/route-cases.ts";
import { password, refreshTokenOf } from "../support/fixtures/user-cases.ts";
import { contracts } from "../support/fixtures/source.ts";
import permissions from "../../services/user/permissions.generated.json" with { type: "json" };
import { AllServices, type Person, type Role } from "../support/systems/all-services.ts";

let allServices: AllServices;
let anybody: People;
/** With accounts that nothing changes. */
let members: People;
let expired: string;
let apiKey: string;
beforeAll(async () => {
  allServices = await AllServices.open({ GRPC_PORT: "0", MCP_PORT: "0" });
  apiKey = await apiKeyWith(even);
  anybody = await peopleOf((role) => allServices.person(role));
  members = await peopleOf(account);
  expired = await expiredTokenOf("ann", "admin");
});
afterAll(() => allServices.close());

const callers = [
  "nobody",
  "an expired token",
  "a garbage token",
  "a refresh token",
  "a stranger",
  "the owner",
  "staff",
  "restricted staff",
  "an API key",
  "an admin",
] as const;
type CallerName = (typeof callers)[number];

interface People {
  readonly owner: Person;
  readonly stranger: Person;
  readonly staff: Person;
  /** Who may do half of what staff may. */
  readonly restricted: Person;
  readonly admin: Person;
}

const peopleOf = async (make: (role: Role, caller: CallerName) => Promise<Person>): Promise<People> => ({
  owner: await make("customer", "the owner"),
  stranger: await make("customer", "a stranger"),
  staff: await make("staff", "staff"),
  restricted: await allServices.person("staff", (await make("staff", "restricted staff")).id, { permissions: odd }),
  admin: await make("admin", "an admin"),
});

async function apiKeyWith(granted: string[]): Promise<string> {
  const admin = await allServices.person("admin");
  const made = { name: "ERP", permissions: granted, expiresAt: "2099-01-01T00:00:00.000Z" };
  return (await admin.call("user.createApiKey", made)).apiKey;
}

/** Gateways exchange the key itself. Behind them there is only the token that they got for it, which lasts for minutes. */
async function machineThrough(door: Door): Promise<string> {
  if (door.name !== "the broker") return apiKey;
  return (await allServices.asService().call("user.authorizeApiKey", { apiKey })).accessToken;
}

/** Somebody with an account. */
async function account(role: Role): Promise<Person & { readonly email: string }> {
  const email = `${newId()}@example.test`;
  const person = { email, password, name: "Somebody", language: "en" as const, roles: [role] };
  const { id } = await allServices.asService().call("user.seed", person);
  return Object.assign(await allServices.person(role, id), { email });
}

/** One half of all permissions, and the other. */
const odd = permissions.filter((_, index) => index % 2 === 1);
const even = permissions.filter((_, index) => index % 2 === 0);
const permissionsOf: Partial<Record<CallerName, readonly string[]>> = { "restricted staff": odd, "an API key": even };

interface Action extends Asked {
  /** `order.create` */
  readonly id: string;
}

const actions: readonly Action[] = [...contracts.values()].flatMap(({ name, actions }) =>
  Object.entries(actions).map(([action, definition]) => {
    const id = `${name}.${action}`;
    return { id, service: name, action, definition, status: routeCases[id]?.status ?? definition.status ?? 200 };
  }),
);

const ranks = ["customer", "staff", "admin"];
const rankOf: Partial<Record<CallerName, number>> = {
  "a stranger": 0,
  "the owner": 0,
  staff: 1,
  "restricted staff": 1,
  "an API key": 1,
  "an admin": 2,
};
const badTokens: Partial<Record<CallerName, SharedErrorCode>> = {
  "an expired token": "TOKEN_EXPIRED",
  "a garbage token": "TOKEN_INVALID",
  "a refresh token": "TOKEN_INVALID",
};

/** The code with which the contract promises to refuse this caller; undefined for a success. */
function refusalOf(
  { id, definition: { auth, seenByStaff = false } }: Action,
  caller: CallerName,
  door: Door,
): SharedErrorCode | undefined {
  const bad = badTokens[caller];
  // Where nobody needs a token, one that is not good counts for nothing.
  if (auth === "public") return door.refusesBadTokens ? bad : undefined;
  if (bad) return bad;
  if (auth === "service") return "FORBIDDEN";
  if (caller === "nobody") return "UNAUTHENTICATED";
  const rank = rankOf[caller]!;
  if (rank < ranks.indexOf(auth)) return "FORBIDDEN";
  const { owned } = routeCases[id] ?? {};
  const isPermitted = permissionsOf[caller]?.includes(id) ?? true;
  if (auth === "staff" && !isPermitted) return "PERMISSION_MISSING";
  if (auth === "customer" && caller === "an API key" && !seenByStaff) return "PERSON_REQUIRED";
  if (caller === "an API key" && !isPermitted && auth !== "admin") return "PERMISSION_MISSING";
  const sees = caller === "the owner" || !owned || (owned === "staff" && rank > 0 && isPermitted);
  return sees ? undefined : "NOT_FOUND";
}

const tokenOf = (caller: CallerName, people: People, refreshToken: string, machine: string) => {
  const { owner, stranger, staff, restricted, admin } = people;
  return {
    nobody: undefined,
    "an expired token": expired,
    "a garbage token": `${admin.token.slice(0, -4)}AAAA`,
    "a refresh token": refreshToken,
    "a stranger": stranger.token,
    "the owner": owner.token,
    staff: staff.token,
    "restricted staff": restricted.token,
    "an API key": machine,
    "an admin": admin.token,
  }[caller];
};

const needsAccount = ({ definition: { rest }, service }: Action) => service === "user" || rest?.includes("/users");
const onlyReads = ({ definition: { rest } }: Action) => rest?.startsWith("GET ") ?? false;
const ask = (door: Door, action: Action, request: RouteRequest, token: string | undefined) =>
  door.ask(allServices, action, request, token);

/** @returns the outcome of each caller, and what the contract promises */
async function through(door: Door, action: Action): Promise<readonly [seen: object, promised: object]> {
  const { request = async (): Promise<RouteRequest> => ({}) } = routeCases[action.id] ?? {};
  const isGranted = (caller: CallerName) => refusalOf(action, caller, door) === undefined;
  // A person has one subscription at a time, and a few profiles.
  const strangers = () => peopleOf((role) => allServices.person(role));
  const others = action.service === "account" ? await strangers() : anybody;
  // An account costs the hash of its password: who is refused needs none, nor who is asked for nothing of his own.
  const newMembers = () =>
    peopleOf((role, caller) => {
      const isAsked = caller === "the owner" ? callers.some(isGranted) : isGranted(caller);
      return isAsked ? account(role) : allServices.person(role);
    });
  const people = needsAccount(action) ? await (onlyReads(action) ? members : newMembers()) : others;
  const refreshToken = `${newId()}.${"A".repeat(43)}`;
  const machine = await machineThrough(door);
  // Who is refused asks for what the owner then finds unchanged.
  const untouched = await request(people.owner, allServices);
  const seen: Record<string, string> = {};
  for (const caller of [...callers].toSorted((a, b) => Number(isGranted(a)) - Number(isGranted(b)))) {
    const isFirst = caller === callers.find(isGranted);
    const isSpent = isGranted(caller) && !isFirst && !onlyReads(action);
    const asked = isSpent ? await request(people.owner, allServices) : untouched;
    seen[caller] = await ask(door, action, asked, tokenOf(caller, people, refreshToken, machine));
  }
  const promised = callers.map((caller) => [caller, door.promise(action, refusalOf(action, caller, door))] as const);
  return [seen, Object.fromEntries(promised)];
}

describe("the matrix", () => {
  it("covers every route", () => {
    const routes = actions.filter(({ definition }) => definition.rest !== undefined);
    expect(Object.keys(routeCases).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
  });

  it("knows whose things a route is about, wherever customers name one", () => {
    const named = actions.filter(({ definition: { rest, auth } }) => auth === "customer" && rest?.includes("/:id"));
    expect(named.filter(({ id }) => !routeCases[id]?.owned)).toEqual([]);
  });

  describe.each(doors)("through $name", (door) => {
    // What has no way in over HTTP is looked for there by rights.spec.ts.
    const asked = door.name === "HTTP" ? actions.filter((one) => door.offers(one)) : actions;

    it.each(asked)("keeps what $id promises for $definition.auth", async (action) => {
      const [seen, promised] = await through(door, action);
      expect(seen).toEqual(promised);
    });
  });
});

const profile = actions.find(({ id }) => id === "user.getProfile")!;
const orders = actions.find(({ id }) => id === "order.list")!;

it.each(doors)("$name takes no refresh token for an access token", async (door) => {
  const refreshToken = await refreshTokenOf(await account("admin"));
  expect(await ask(door, profile, {}, refreshToken)).toBe(door.promise(profile, "TOKEN_INVALID"));
});

it.each(doors)("$name gives nothing to a role that nobody knows", async (door) => {
  const somebody = await allServices.person("superuser" as Role);
  expect(await ask(door, orders, {}, somebody.token)).toBe(door.promise(orders, "TOKEN_INVALID"));
});
