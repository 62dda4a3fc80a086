/**
 * What becomes of rights that are taken away, with a database of its own: it counts every administrator there is.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { errorOf, PASSWORD as password, userService } from "../../test/support/systems/user-service.ts";
import { inTurn } from "./password-hash.model.ts";

const { call, signIn, personWith } = userService();
type Person = Awaited<ReturnType<typeof personWith>>;

/** Whoever is an administrator now, according to the first of them who is still let in. */
async function administrators(...people: readonly Person[]): Promise<string[]> {
  const pages = await Promise.allSettled(people.map(({ token }) => call("user.list", { limit: 100 }, token)));
  const seen = pages.find((one) => one.status === "fulfilled")!.value;
  return seen.items.filter(({ roles }) => roles.includes("admin")).map(({ id }) => id);
}

describe("an administrator", () => {
  let first: Person;
  beforeAll(async () => {
    first = await personWith("admin");
  });

  it("is not demoted and does not leave while there is no other", async () => {
    const { id, token } = first;
    await expect(call("user.setRoles", { id, roles: ["customer"] }, token)).rejects.toMatchObject({
      type: "USER_LAST_ADMIN",
      code: 409,
    });
    await expect(call("user.erase", { password }, token)).rejects.toEqual(errorOf("USER_LAST_ADMIN"));
    await expect(call("user.setRoles", { id, roles: ["customer", "admin"] }, token)).resolves.toBeDefined();
  });

  it("who is demoted is signed out, and makes nobody administrator with the token of before", async () => {
    const { id, email, token, refreshToken } = await personWith("customer", "staff", "admin");
    await call("user.setRoles", { id, roles: ["customer"] }, first.token);
    await expect(call("user.setRoles", { id, roles: ["admin"] }, token)).rejects.toMatchObject({
      type: "SESSION_ENDED",
      code: 401,
    });
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    // As a token would be that was signed while the roles were being changed.
    const late = await signAccessToken({ id, roles: ["admin"], session: newId() });
    await expect(call("user.setRoles", { id, roles: ["admin"] }, late)).rejects.toEqual(errorOf("FORBIDDEN"));
    const again = (await signIn(email)).accessToken;
    await expect(call("user.getProfile", {}, again)).resolves.toMatchObject({ roles: ["customer"] });
  });

  it("who is given more stays signed in, and has it with the next token", async () => {
    const { id, token, refreshToken } = await personWith("customer");
    await call("user.setRoles", { id, roles: ["customer", "staff"] }, first.token);
    await call("user.setRoles", { id, roles: ["customer", "staff", "admin"] }, first.token);
    await expect(call("user.getProfile", {}, token)).resolves.toBeDefined();
    const { accessToken } = await call("user.refresh", { refreshToken });
    await expect(call("user.list", {}, accessToken)).resolves.toBeDefined();
    await call("user.setRoles", { id, roles: ["customer"] }, first.token);
  });

  it("who is demoted while their password is checked signs in as what they are by then", async () => {
    const { id, email } = await personWith("customer", "admin");
    const gate = Promise.withResolvers<void>();
    const busy = ["a", "b"].map((line) => inTurn({ line, isKnown: true }, () => gate.promise));
    const signedIn = signIn(email);
    await call("user.setRoles", { id, roles: ["customer"] }, first.token);
    gate.resolve();
    await Promise.all(busy);
    const { accessToken } = await signedIn;
    await expect(call("user.getProfile", {}, accessToken)).resolves.toMatchObject({ roles: ["customer"] });
    await expect(call("user.list", {}, accessToken)).rejects.toEqual(errorOf("FORBIDDEN"));
  });

  it("is left when two demote each other, or leave, at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      const other = await personWith("admin");
      const isDemotion = round % 2 === 0;
      const end = (one: Person, by: Person) =>
        isDemotion
          ? call("user.setRoles", { id: one.id, roles: ["customer"] }, by.token)
          : call("user.erase", { password }, one.token);
      await Promise.allSettled([end(first, other), end(other, first)]);
      const left = await administrators(first, other);
      expect(left).toHaveLength(1);
      if (left[0] === other.id) first = other;
    }
  });
});
