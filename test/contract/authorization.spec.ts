/** Who may do what: every route by everybody. A route that the matrix does not cover fails. */
import { newId } from "#core/id.ts";
import { expiredTokenOf } from "../support/actors/people.ts";
import { AllServices, type Person, type Role } from "../support/systems/all-services.ts";
import { password, refreshTokenOf, routeCases, type RouteRequest } from "../support/fixtures/route-cases.ts";
import { contracts } from "../support/fixtures/source.ts";

let allServices: AllServices;
let anybody: People;
let expired: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  anybody = await peopleOf((role) => allServices.person(role));
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
  "an admin",
] as const;
type CallerName = (typeof callers)[number];

interface People {
  readonly owner: Person;
  readonly stranger: Person;
  readonly staff: Person;
  readonly admin: Person;
}

const peopleOf = async (make: (role: Role) => Promise<Person>): Promise<People> => ({
  owner: await make("customer"),
  stranger: await make("customer"),
  staff: await make("staff"),
  admin: await make("admin"),
});

/** Somebody with an account. */
async function account(role: Role): Promise<Person & { readonly email: string }> {
  const email = `${newId()}@example.test`;
  const person = { email, password, name: "Somebody", language: "en" as const, roles: [role] };
  const { id } = await allServices.asService().call("user.seed", person);
  return Object.assign(await allServices.person(role, id), { email });
}

const routes = [...contracts.values()].flatMap(({ name, actions }) =>
  Object.entries(actions).flatMap(([key, { rest, auth, status = 200, raw = false }]) =>
    rest ? [{ id: `${name}.${key}`, rest, auth, status: routeCases[`${name}.${key}`]?.status ?? status, raw }] : [],
  ),
);
type Route = (typeof routes)[number];

const ranks = ["customer", "staff", "admin"];
const rankOf: Partial<Record<CallerName, number>> = { "a stranger": 0, "the owner": 0, staff: 1, "an admin": 2 };

/** What the contract promises this caller: a status and, for a refusal, its code. */
function promised({ id, auth, status }: Route, caller: CallerName): readonly [status: number, code?: string] {
  // Where nobody needs a token, one that is not good counts for nothing.
  if (auth === "public") return [status];
  if (caller === "an expired token") return [401, "TOKEN_EXPIRED"];
  if (caller === "a garbage token" || caller === "a refresh token") return [401, "TOKEN_INVALID"];
  if (caller === "nobody") return [401, "UNAUTHENTICATED"];
  const rank = rankOf[caller]!;
  if (rank < ranks.indexOf(auth)) return [403, "FORBIDDEN"];
  const { owned } = routeCases[id]!;
  const sees = caller === "the owner" || !owned || (owned === "staff" && rank > 0);
  return sees ? [status] : [404, "NOT_FOUND"];
}

const tokenOf = (caller: CallerName, { owner, stranger, staff, admin }: People, refreshToken: string) =>
  ({
    nobody: undefined,
    "an expired token": expired,
    "a garbage token": `${admin.token.slice(0, -4)}AAAA`,
    "a refresh token": refreshToken,
    "a stranger": stranger.token,
    "the owner": owner.token,
    staff: staff.token,
    "an admin": admin.token,
  })[caller];

async function ask({ rest, raw }: Route, { path = {}, body, headers }: RouteRequest, token: string | undefined) {
  const [method, pattern] = rest.split(" ") as [string, string];
  const leave = new AbortController();
  const answer = await fetch(
    `${allServices.url}/api/v1${pattern.replaceAll(/:(\w+)/g, (_, name: string) => path[name]!)}`,
    {
      method,
      signal: leave.signal,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": newId() } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    },
  );
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  const code = isProblem ? ((await answer.json()) as { code: string }).code : undefined;
  // A live stream would go on for ever.
  if (!isProblem) leave.abort();
  return code === undefined ? [answer.status] : [answer.status, code];
}

describe("the matrix", () => {
  it("covers every route", () => {
    expect(Object.keys(routeCases).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
  });

  it("knows whose things a route is about, wherever customers name one", () => {
    const named = routes.filter(({ rest, auth }) => auth === "customer" && rest.includes("/:id"));
    expect(named.filter(({ id }) => !routeCases[id]?.owned)).toEqual([]);
  });

  it.each(routes)("keeps what $id promises: $rest for $auth", async (route) => {
    const { request = async (): Promise<RouteRequest> => ({}) } = routeCases[route.id]!;
    const people = route.rest.includes("/users") || route.id.startsWith("user.") ? await peopleOf(account) : anybody;
    const refreshToken = `${newId()}.${"A".repeat(43)}`;
    // Who is refused asks for what the owner then finds unchanged.
    const untouched = await request(people.owner, allServices);
    const seen: Record<string, unknown> = {};
    const isGranted = (caller: CallerName) => promised(route, caller)[0] < 300;
    for (const caller of [...callers].toSorted((a, b) => Number(isGranted(a)) - Number(isGranted(b)))) {
      const granted = isGranted(caller) && caller !== callers.find(isGranted);
      const asked = granted ? await request(people.owner, allServices) : untouched;
      seen[caller] = await ask(route, asked, tokenOf(caller, people, refreshToken));
    }
    expect(seen).toEqual(Object.fromEntries(callers.map((caller) => [caller, promised(route, caller)])));
  });

  it("takes no refresh token for an access token", async () => {
    const refreshToken = await refreshTokenOf(await account("admin"));
    const route = routes.find(({ id }) => id === "user.getProfile")!;
    expect(await ask(route, {}, refreshToken)).toEqual([401, "TOKEN_INVALID"]);
  });

  it("gives nothing to a role that nobody knows", async () => {
    const somebody = await allServices.person("superuser" as Role);
    const route = routes.find(({ id }) => id === "order.list")!;
    expect(await ask(route, {}, somebody.token)).toEqual([401, "TOKEN_INVALID"]);
  });
});
