/** Handlers of the second factor, and the second step of a sign-in. A guess is paid for before it is looked at. */
import { type Ctx, userId } from "#core/context.ts";
import type { EventData, Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { UserService } from "./attempt.mixin.ts";
import { revoke, rightsOf } from "./revocation.repository.ts";
import type { secondFactor as contract } from "./second-factor.contract.ts";
import * as factors from "./second-factor.repository.ts";
import { beginSession, tell, tokensOf } from "./session.mixin.ts";
import { base32, newSecret, uriOf } from "./totp.model.ts";
import { config } from "./user.config.ts";
import { user } from "./user.contract.ts";
import { needsSecondFactor } from "./user.model.ts";
import * as users from "./user.repository.ts";

type Change = EventData<"user.second_factor_changed">["change"];

const changed = (service: UserService, ctx: Ctx, id: string, change: Change) =>
  service.outbox.event(ctx, "user.second_factor_changed", `user:${id}`, { userId: id, change });

/** @throws BAD_CREDENTIALS, SECOND_FACTOR_OFF, RATE_LIMITED */
async function proved(service: UserService, ctx: Ctx<{ readonly password: string }>): Promise<string> {
  const { id, password_hash, second_factor_at } = await users.get(service.db, userId(ctx));
  await service.attempts.verify(service.attempts.signedIn(ctx), ctx.params.password, password_hash);
  if (second_factor_at === null) throw user.error("SECOND_FACTOR_OFF");
  await service.attempts.spend("codes", id);
  return id;
}

/** Where rights need a second factor, tokens that are out have the rights of now. */
async function adjustRights(service: UserService, tx: users.Tx, id: string): Promise<void> {
  const account = await users.get(tx, id);
  if (needsSecondFactor(account)) tell(service, tx, await revoke(tx, [id], rightsOf(account)));
}

const handlers = {
  async getSecondFactor(this: UserService, ctx: Ctx) {
    const account = await users.get(this.db, userId(ctx));
    const recoveryCodesLeft = await factors.codesLeft(this.db, account.id);
    return { enabledAt: account.second_factor_at, recoveryCodesLeft, isRequired: needsSecondFactor(account) };
  },

  async addSecondFactor(this: UserService, ctx: Ctx<Input<"user.addSecondFactor">>) {
    const { id, email, password_hash, verified_at } = await users.get(this.db, userId(ctx));
    await this.attempts.verify(this.attempts.signedIn(ctx), ctx.params.password, password_hash);
    // Otherwise whoever signed up with a foreign address could keep its owner out, also after a reset.
    if (verified_at === null) throw user.error("EMAIL_UNVERIFIED");
    const secret = newSecret();
    await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if (!(await factors.begin(tx, id, secret))) throw user.error("SECOND_FACTOR_ON");
    });
    return { secret: base32(secret), uri: uriOf(secret, config.USER_SECOND_FACTOR_ISSUER, email) };
  },

  async confirmSecondFactor(this: UserService, ctx: Ctx<Input<"user.confirmSecondFactor">>) {
    const id = userId(ctx);
    const { second_factor_at } = await users.get(this.db, id);
    if (second_factor_at !== null) throw user.error("SECOND_FACTOR_ON");
    if (!(await factors.isBegun(this.db, id))) throw user.error("SECOND_FACTOR_OFF");
    await this.attempts.spend("codes", id);
    const recoveryCodes = await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if (!(await factors.confirm(tx, id, ctx.params.appCode))) throw user.error("CODE_WRONG");
      await adjustRights(this, tx, id);
      tx.add(this.attempts.refund("codes", id), changed(this, ctx, id, "enabled"));
      return factors.renewCodes(tx, id);
    });
    return { recoveryCodes };
  },

  async resetRecoveryCodes(this: UserService, ctx: Ctx<Input<"user.resetRecoveryCodes">>) {
    const id = await proved(this, ctx);
    const recoveryCodes = await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if (!(await factors.use(tx, id, ctx.params.secondCode))) throw user.error("CODE_WRONG");
      tx.add(this.attempts.refund("codes", id), changed(this, ctx, id, "codes_renewed"));
      return factors.renewCodes(tx, id);
    });
    return { recoveryCodes };
  },

  async removeSecondFactor(this: UserService, ctx: Ctx<Input<"user.removeSecondFactor">>) {
    const id = await proved(this, ctx);
    await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if (!(await factors.use(tx, id, ctx.params.secondCode))) throw user.error("CODE_WRONG");
      tx.add(...factors.removeAllOf(id));
      await adjustRights(this, tx, id);
      tx.add(this.attempts.refund("codes", id), changed(this, ctx, id, "disabled"));
    });
    return null;
  },

  async withdrawSecondFactor(this: UserService, ctx: Ctx<Input<"user.withdrawSecondFactor">>) {
    const { id } = ctx.params;
    await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if ((await users.get(tx, id)).second_factor_at === null) throw user.error("SECOND_FACTOR_OFF");
      tx.add(...factors.removeAllOf(id));
      await adjustRights(this, tx, id);
      tx.add(changed(this, ctx, id, "withdrawn"));
    });
    return null;
  },

  async signInWithCode(this: UserService, ctx: Ctx<Input<"user.signInWithCode">>) {
    const { challenge: token, secondCode } = ctx.params;
    const challenge = await factors.find(this.db, token);
    if (!challenge) throw user.error("CHALLENGE_INVALID");
    const { user_id: id, device } = challenge;
    const line = await this.attempts.guessing(ctx, id);
    await this.attempts.spend("codes", ...line);
    const { account, ...issued } = await this.db.write(async (tx) => {
      await users.lock(tx, id);
      if (!(await factors.complete(tx, challenge))) throw user.error("CHALLENGE_INVALID");
      const used = await factors.use(tx, id, secondCode);
      // The transaction is rolled back, so the sign-in goes on waiting.
      if (!used) throw user.error("CODE_WRONG");
      tx.add(this.attempts.refund("codes", ...line));
      if (used === "recovery") tx.add(changed(this, ctx, id, "code_used"));
      return { ...(await beginSession(this, ctx, tx, { id, device })), account: await users.get(tx, id) };
    });
    return tokensOf(account, issued);
  },
} satisfies BlockHandlers<typeof contract>;

export const secondFactor = (): Mixin => mixin({}, { name: "secondFactor", migrations: {}, handlers });
