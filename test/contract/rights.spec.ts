/** Every action, by somebody whose rights have just been taken away and whose token is still good by itself. */
import { newId } from "#core/clock.ts";
import type { Role } from "#core/schema.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";

const password = "correct horse battery";

let allServices: AllServices;
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

const outcomes = async (names: readonly string[], token: string) =>
  Promise.all(
    names.map((name) => call(name, {}, token).then(String, ({ type }: { type: string }) => `${name}: ${type}`)),
  );

describe("an access token of before", () => {
  it("does nothing that staff and administrators do, once they are neither", async () => {
    const names = actionsOf("staff", "admin");
    expect(names).toEqual(expect.arrayContaining(["$standby.drain", "$breakers.reset", "v1.payment.refund"]));
    expect(await outcomes(names, demoted)).toEqual(names.map((name) => `${name}: SESSION_ENDED`));
  });

  it("does nothing at all of somebody who has left", async () => {
    const names = actionsOf("customer", "staff", "admin");
    expect(names.length).toBeGreaterThan(30);
    expect(await outcomes(names, gone)).toEqual(names.map((name) => `${name}: SESSION_ENDED`));
  });

  it("is answered 401 over HTTP, and as nobody's where anybody may ask", async () => {
    const headers = { authorization: `Bearer ${gone}` };
    const { status } = await fetch(`${allServices.url}/api/v1/orders`, { headers });
    expect([status, (await fetch(`${allServices.url}/api/v1/products`, { headers })).status]).toEqual([401, 200]);
  });
});
