/** Handlers of API keys. */
import { prefixOf } from "#core/api-key.ts";
import { now } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { KEY_TOKEN_TTL, signKeyToken } from "#mixins/node/tokens.ts";
import type { apiKeys as contract } from "./api-key.contract.ts";
import * as keys from "./api-key.repository.ts";
import type { UserService } from "./attempt.mixin.ts";
import { checkPermissions } from "./permission.model.ts";
import { revoke } from "./revocation.repository.ts";
import { tell } from "./session.mixin.ts";
import { user } from "./user.contract.ts";

const past = { en: "must be in the future", ko: "현재보다 뒤여야 합니다" };

/** Whoever did it is told: it may have been somebody else with their session. */
function told(service: UserService, ctx: Ctx, change: "created" | "removed", prefix: string) {
  const id = userId(ctx);
  return service.outbox.event(ctx, "user.api_key_changed", `user:${id}`, { userId: id, change, prefix });
}

const handlers = {
  async createApiKey(this: UserService, ctx: Ctx<Input<"user.createApiKey">>) {
    const { params } = ctx;
    checkPermissions(params.permissions);
    if (Date.parse(params.expiresAt) <= now())
      throw user.error("VALIDATION_FAILED", { errors: [{ pointer: "/expiresAt", detail: past }] });
    return this.db.write(async (tx) => {
      const made = await keys.add(tx, params);
      tx.add(told(this, ctx, "created", made.prefix));
      return made;
    });
  },

  listApiKeys(this: UserService, { params }: Ctx<Input<"user.listApiKeys">>) {
    return keys.list(this.db, params);
  },

  async removeApiKey(this: UserService, ctx: Ctx<Input<"user.removeApiKey">>) {
    const { id } = ctx.params;
    await this.db.write(async (tx) => {
      if (!(await keys.remove(tx, id))) throw user.error("NOT_FOUND");
      tell(this, tx, await revoke(tx, [id]));
      tx.add(told(this, ctx, "removed", prefixOf(id)));
    });
    return null;
  },

  async authorizeApiKey(this: UserService, { params }: Ctx<Input<"user.authorizeApiKey">>) {
    const { id, permissions, expiresAt } = await keys.use(this.db, params.apiKey);
    const end = Date.parse(expiresAt);
    const expiresIn = Math.max(0, Math.min(KEY_TOKEN_TTL, Math.floor((end - now()) / 1000)));
    return { accessToken: await signKeyToken(id, permissions, end), expiresIn };
  },
} satisfies BlockHandlers<typeof contract>;

export const apiKeys = (): Mixin => mixin({}, { name: "apiKeys", migrations: {}, handlers });
