/** Handlers of permissions. Tokens that are out have the permissions of now on every node, as roles have. */
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { UserService } from "./attempt.mixin.ts";
import type { staffPermissions as contract } from "./permission.contract.ts";
import { checkPermissions, permissionsOf } from "./permission.model.ts";
import { revoke, rightsOf } from "./revocation.repository.ts";
import { tell } from "./session.mixin.ts";
import type { Account } from "./user.model.ts";
import * as users from "./user.repository.ts";

const toAnswer = (account: Account) => ({
  id: account.id,
  permissions: permissionsOf(account),
  version: account.version,
});

const handlers = {
  async getPermissions(this: UserService, ctx: Ctx<Input<"user.getPermissions">>) {
    return toAnswer(await users.get(this.db, ctx.params.id));
  },

  async setPermissions(this: UserService, ctx: Ctx<Input<"user.setPermissions">>) {
    const { id, version, permissions } = ctx.params;
    checkPermissions(permissions);
    const account = await this.db.write(async (tx) => {
      const changed = await users.update(tx, { id, version }, { permissions: JSON.stringify(permissions) });
      tell(this, tx, await revoke(tx, [id], rightsOf(changed)));
      return changed;
    });
    return toAnswer(account);
  },
} satisfies BlockHandlers<typeof contract>;

export const staffPermissions = (): Mixin => mixin({}, { name: "staffPermissions", migrations: {}, handlers });
