/**
 * Every action of a node, called without a gateway: by people who lack the role, by people whose rights have just been
 * taken away and whose token has not expired, and by a caller that pretends to be a service.
 */
import { newId } from "#core/id.ts";
import type { Role } from "#core/schema.ts";
import { expiredTokenOf, tokenOf } from "../support/actors/people.ts";
import { contracts } from "../support/fixtures/source.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";

const password = "correct horse battery";

let allServices: AllServices;
let tokens: Readonly<Record<"nobody" | "a customer" | "staff" | "an administrator", string | undefined>>;
let demoted: string;
let gone: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  const [admin, first, second] = [
    await signedIn("admin"),
    await signedIn("customer", "staff", "admin"),
    await signedIn("customer"),
  ];
  await call("user.setRoles", { id: first.id, roles: ["customer"] }, admin.token);
  await call("user.erase", { password }, second.token);
  [demoted, gone] = [first.token, second.token];
  tokens = {
    nobody: undefined,
    "a customer": await tokenOf("ann", "customer"),
    staff: await tokenOf("bea", "staff"),
    "an administrator": await tokenOf("cat", "admin"),
  };
});
afterAll(() => allServices.close());

const call = (name: string, params: object, accessToken?: string) =>
  allServices.broker.call(name, params, { meta: { accessToken }, headers: { "idempotency-key": newId() } });

async function signedIn(...roles: Role[]): Promise<Pick<Person, "id" | "token">> {
  const email = `${newId()}@example.test`;
  const { id } = await allServices
    .asService()
    .call("user.seed", { email, password, name: "Them", language: "en", roles });
  const { accessToken } = (await call("user.signIn", { email, password })) as { accessToken: string };
  return { id, token: accessToken };
}

interface Listed {
  readonly name: string;
  readonly action?: { readonly auth?: string };
}

/** What the node answers, its own services included, whatever contract it stands in. */
const actionsOf = (...access: string[]): string[] =>
  (allServices.broker.registry.getActionList({ onlyLocal: true, skipInternal: false }) as unknown as Listed[])
    .filter(({ action }) => access.includes(action?.auth ?? ""))
    .map(({ name }) => name)
    .toSorted();

const outcomes = async (names: readonly string[], token?: string) =>
  Promise.all(
    names.map((name) => call(name, {}, token).then(String, ({ type }: { type: string }) => `${name}: ${type}`)),
  );

describe("an action", () => {
  it.each([
    ["nobody", "UNAUTHENTICATED", ["customer", "staff", "admin"]],
    ["a customer", "FORBIDDEN", ["staff", "admin"]],
    ["staff", "FORBIDDEN", ["admin"]],
  ] as const)("is refused to %s with %s when it is for people of other roles", async (caller, type, access) => {
    const names = actionsOf(...access);
    expect(names.length).toBeGreaterThan(5);
    expect(await outcomes(names, tokens[caller])).toEqual(names.map((name) => `${name}: ${type}`));
  });
});

describe("an access token from before the change", () => {
  it("does nothing of staff or administrators after the person lost these roles", async () => {
    const names = actionsOf("staff", "admin");
    expect(names).toEqual(expect.arrayContaining(["$standby.drain", "$breakers.reset", "v1.payment.refund"]));
    expect(await outcomes(names, demoted)).toEqual(names.map((name) => `${name}: SESSION_ENDED`));
  });

  it("does nothing for a person who has left", async () => {
    const names = actionsOf("customer", "staff", "admin");
    expect(names.length).toBeGreaterThan(30);
    expect(await outcomes(names, gone)).toEqual(names.map((name) => `${name}: SESSION_ENDED`));
  });

  it("is answered 401 over HTTP, and counts as no token where none is needed", async () => {
    const headers = { authorization: `Bearer ${gone}` };
    const { status } = await fetch(`${allServices.url}/api/v1/orders`, { headers });
    expect([status, (await fetch(`${allServices.url}/api/v1/products`, { headers })).status]).toEqual([401, 200]);
  });
});

describe("an action for services", () => {
  const internal = [...contracts.values()].flatMap(({ name, actions }) =>
    Object.entries(actions).flatMap(([key, { auth }]) => (auth === "service" ? [[name, key] as const] : [])),
  );

  it.each(internal)("%s.%s is refused to people, and has no path over HTTP", async (service, key) => {
    const name = `${service}.${key}`;
    for (const token of Object.values(tokens))
      await expect(call(name, {}, token)).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
    const paths = [
      `/api/v1/${service}/${key}`,
      `/api/v1/${name}`,
      `/${service}/${key}`,
      `/v1/${service}/${key}`,
      `/${name}`,
    ];
    const headers = { authorization: `Bearer ${tokens["an administrator"]}` };
    for (const path of paths) {
      for (const method of ["GET", "POST"]) {
        const { status } = await fetch(allServices.url + path, { method, headers });
        expect([401, 404, 405]).toContain(status);
      }
    }
  });

  it.each(internal)("%s.%s is refused to a caller whose service token is a person's or none", async (service, key) => {
    for (const token of [tokens["an administrator"], await expiredTokenOf("cat", "admin"), "x.y.z"]) {
      const answer = allServices.broker.call(`${service}.${key}`, {}, { headers: { "x-service-token": token } });
      await expect(answer).rejects.toMatchObject({ code: 401 });
    }
  });

  it("is out of reach for a customer who sends the header of a service over HTTP", async () => {
    const headers = { "x-service-token": "x.y.z", authorization: `Bearer ${tokens["a customer"]}` };
    const { status } = await fetch(`${allServices.url}/api/v1/orders/parked`, { headers });
    expect(status).toBe(403);
  });
});
