/**
 * What becomes of rights that are taken away, with a database of its own: it counts every administrator there is.
 * @databases sqlite postgres
 */
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Role } from "#core/schema.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { inTurn } from "./password-hash.model.ts";
import service from "./user.service.ts";

const password = "correct horse battery";
const code = (type: string) => expect.objectContaining({ type });

let broker: ServiceBroker;
beforeAll(async () => {
  broker = await startBroker([service, { name: "caller", version: 1 }]);
});
afterAll(() => broker.stop());

const call = <N extends ActionName>(name: N, params: Input<N>, accessToken?: string): Promise<Output<N>> =>
  broker.call(name, params, { meta: accessToken === undefined ? {} : { accessToken } });

async function person(...roles: Role[]) {
  const email = `${newId()}@example.test`;
  const seed = { email, password, name: "Somebody", language: "en" as const, roles };
  const { id } = await workContext(localService(broker, "caller")).call("user.seed", seed);
  const { accessToken, refreshToken } = await call("user.signIn", { email, password });
  return { id, email, token: accessToken, refreshToken };
}
type Somebody = Awaited<ReturnType<typeof person>>;

/** Whoever is an administrator now, according to the first of them who is still let in. */
async function administrators(...people: readonly Somebody[]): Promise<string[]> {
  const pages = await Promise.allSettled(people.map(({ token }) => call("user.list", { limit: 100 }, token)));
  const seen = pages.find((one) => one.status === "fulfilled")!.value;
  return seen.items.filter(({ roles }) => roles.includes("admin")).map(({ id }) => id);
}

describe("an administrator", () => {
  let boss: Somebody;
  beforeAll(async () => {
    boss = await person("admin");
  });

  it("is not demoted and does not leave while there is no other", async () => {
    const { id, token } = boss;
    await expect(call("user.setRoles", { id, roles: ["customer"] }, token)).rejects.toMatchObject({
      type: "USER_LAST_ADMIN",
      code: 409,
    });
    await expect(call("user.erase", { password }, token)).rejects.toEqual(code("USER_LAST_ADMIN"));
    await expect(call("user.setRoles", { id, roles: ["customer", "admin"] }, token)).resolves.toBeDefined();
  });

  it("who is demoted is signed out, and makes nobody administrator with the token of before", async () => {
    const { id, email, token, refreshToken } = await person("customer", "staff", "admin");
    await call("user.setRoles", { id, roles: ["customer"] }, boss.token);
    await expect(call("user.setRoles", { id, roles: ["admin"] }, token)).rejects.toMatchObject({
      type: "SESSION_ENDED",
      code: 401,
    });
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
    // As a token would be that was signed while the roles were being changed.
    const late = await signAccessToken({ id, roles: ["admin"], session: newId() });
    await expect(call("user.setRoles", { id, roles: ["admin"] }, late)).rejects.toEqual(code("FORBIDDEN"));
    const again = (await call("user.signIn", { email, password })).accessToken;
    await expect(call("user.getProfile", {}, again)).resolves.toMatchObject({ roles: ["customer"] });
  });

  it("who is given more stays signed in, and has it with the next token", async () => {
    const { id, token, refreshToken } = await person("customer");
    await call("user.setRoles", { id, roles: ["customer", "staff"] }, boss.token);
    await call("user.setRoles", { id, roles: ["customer", "staff", "admin"] }, boss.token);
    await expect(call("user.getProfile", {}, token)).resolves.toBeDefined();
    const { accessToken } = await call("user.refresh", { refreshToken });
    await expect(call("user.list", {}, accessToken)).resolves.toBeDefined();
    await call("user.setRoles", { id, roles: ["customer"] }, boss.token);
  });

  it("who is demoted while their password is checked signs in as what they are by then", async () => {
    const { id, email } = await person("customer", "admin");
    const gate = Promise.withResolvers<void>();
    const busy = ["a", "b"].map((line) => inTurn({ line, isKnown: true }, () => gate.promise));
    const signedIn = call("user.signIn", { email, password });
    await call("user.setRoles", { id, roles: ["customer"] }, boss.token);
    gate.resolve();
    await Promise.all(busy);
    const { accessToken } = await signedIn;
    await expect(call("user.getProfile", {}, accessToken)).resolves.toMatchObject({ roles: ["customer"] });
    await expect(call("user.list", {}, accessToken)).rejects.toEqual(code("FORBIDDEN"));
  });

  it("is left when two demote each other, or leave, at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const other = await person("admin");
      const isDemotion = round % 2 === 0;
      const end = (one: Somebody, by: Somebody) =>
        isDemotion
          ? call("user.setRoles", { id: one.id, roles: ["customer"] }, by.token)
          : call("user.erase", { password }, one.token);
      await Promise.allSettled([end(boss, other), end(other, boss)]);
      const left = await administrators(boss, other);
      expect(left).toHaveLength(1);
      if (left[0] === other.id) boss = other;
    }
  });
});
