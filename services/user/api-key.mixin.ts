/** Handlers of API keys. */
import { now } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
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

const handlers = {
  async createApiKey(this: UserService, { params }: Ctx<Input<"user.createApiKey">>) {
    checkPermissions(params.permissions);
    if (Date.parse(params.expiresAt) <= now())
      throw user.error("VALIDATION_FAILED", { errors: [{ pointer: "/expiresAt", detail: past }] });
    return this.db.write((tx) => keys.add(tx, params));
  },

  listApiKeys(this: UserService, { params }: Ctx<Input<"user.listApiKeys">>) {
    return keys.list(this.db, params);
  },

  async removeApiKey(this: UserService, { params: { id } }: Ctx<Input<"user.removeApiKey">>) {
    await this.db.write(async (tx) => {
      if (!(await keys.remove(tx, id))) throw user.error("NOT_FOUND");
      tell(this, tx, await revoke(tx, [id]));
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
