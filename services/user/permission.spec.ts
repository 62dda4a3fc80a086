/**
 * What staff may do, action by action.
 * @databases sqlite postgres
 */
import type { ServiceSchema } from "moleculer";
import { decodeJwt } from "jose";
import type { Caller } from "#core/context.ts";
import { errorOf, userService } from "../../test/support/systems/user-service.ts";

/** A service with actions of staff, which answer who they believe is calling. */
const shop = {
  name: "product",
  version: 1,
  actions: Object.fromEntries(
    ["update", "archive"].map((name) => [name, { auth: "staff", handler: (ctx: { user?: Caller }) => ctx.user }]),
  ),
} as unknown as ServiceSchema;

const { ask, call, customer, personWith, signIn } = userService(shop);
const update = (token: string) => ask("v1.product.update", token);
const archive = (token: string) => ask("v1.product.archive", token);
const missing = (permission: string) => expect.objectContaining({ type: "PERMISSION_MISSING", data: { permission } });

describe("user.setPermissions", () => {
  let admin: string;
  beforeAll(async () => {
    admin = (await personWith("admin")).token;
  });
  const allow = (id: string, ...permissions: string[]) => call("user.setPermissions", { id, permissions }, admin);

  it("ends and gives permissions at once, whatever the access token says", async () => {
    const { id, token, email } = await personWith("staff");
    await expect(update(token)).resolves.toBeDefined();
    await expect(allow(id, "product.archive")).resolves.toMatchObject({ permissions: ["product.archive"], version: 2 });
    await expect(update(token)).rejects.toEqual(missing("product.update"));
    await expect(archive(token)).resolves.toBeDefined();
    const again = (await signIn(email)).accessToken;
    expect(decodeJwt(again)).toMatchObject({ permissions: ["product.archive"] });
    await expect(update(again)).rejects.toEqual(missing("product.update"));
    await allow(id, "product.*");
    await expect(update(token)).resolves.toBeDefined();
    await expect(update(again)).resolves.toBeDefined();
  });

  it("means none by an empty list, everything by *, and nothing to an administrator", async () => {
    const [staff, boss] = [await personWith("staff"), await personWith("admin")];
    await expect(call("user.getPermissions", { id: staff.id }, admin)).resolves.toMatchObject({ permissions: ["*"] });
    await allow(staff.id);
    await expect(update(staff.token)).rejects.toEqual(missing("product.update"));
    await allow(staff.id, "*");
    await expect(update(staff.token)).resolves.toBeDefined();
    await allow(boss.id);
    await expect(update(boss.token)).resolves.toBeDefined();
  });

  it("makes nobody staff, and is kept when roles change", async () => {
    const { id, token, email } = await customer();
    await allow(id, "product.archive");
    await expect(archive(token)).rejects.toEqual(errorOf("FORBIDDEN"));
    await call("user.setRoles", { id, roles: ["customer", "staff"] }, admin);
    const { accessToken } = await signIn(email);
    await expect(archive(accessToken)).resolves.toBeDefined();
    await expect(update(accessToken)).rejects.toEqual(missing("product.update"));
  });

  it("refuses names that no action of staff has, and names each", async () => {
    const { id } = await personWith("staff");
    await expect(allow(id, "product.updat", "product.*", "user.setRoles", "*")).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
      data: {
        errors: [
          { pointer: "/permissions/0", detail: { en: "no action of staff is named product.updat" } },
          { pointer: "/permissions/2", detail: { en: "no action of staff is named user.setRoles" } },
        ],
      },
    });
  });

  it("rejects with STALE_VERSION when the user was changed since", async () => {
    const { id } = await personWith("staff");
    await allow(id, "*");
    const stale = call("user.setPermissions", { id, version: 1, permissions: [] }, admin);
    await expect(stale).rejects.toEqual(errorOf("STALE_VERSION"));
    await expect(call("user.getPermissions", { id }, admin)).resolves.toMatchObject({ permissions: ["*"], version: 2 });
  });
});
