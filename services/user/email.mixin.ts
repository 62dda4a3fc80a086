/** Handlers around the e-mail address of an account, and around the e-mails that are sent about it. */
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { UserService } from "./attempt.mixin.ts";
import type { emailAddress as contract } from "./email.contract.ts";
import { type Detail, linkOf, type MailRow, writeToken } from "./mail.model.ts";
import * as mails from "./mail.repository.ts";
import { config } from "./user.config.ts";
import { user } from "./user.contract.ts";
import * as users from "./user.repository.ts";

type Cause = Pick<Ctx, "requestID" | "id">;

/** Has a link sent to an address of an account. */
export function askToVerify(
  service: Pick<UserService, "outbox">,
  cause: Cause,
  tx: users.Tx,
  to: users.AddressOf,
): void {
  const mailId = mails.write(tx, { user_id: to.id, kind: "verify", email: to.email });
  const data = { userId: to.id, mailId };
  tx.add(service.outbox.event(cause, "user.verification_requested", `user:${to.id}`, data));
}

function toMail(row: MailRow) {
  const { device = null, network = null } = JSON.parse(row.detail ?? "{}") as Detail;
  const code = row.kind === "notice" ? null : writeToken(row);
  return { id: row.id, email: row.email, link: linkOf(row, config.USER_ACCOUNT_PAGE), code, device, network };
}

const handlers = {
  async lookupMails(this: UserService, ctx: Ctx<Input<"user.lookupMails">>) {
    return { items: (await mails.getAll(this.db, ctx.params.ids)).map(toMail) };
  },

  async sendVerification(this: UserService, ctx: Ctx) {
    const { id, email, verified_at } = await users.get(this.db, userId(ctx));
    if (verified_at !== null) throw user.error("EMAIL_VERIFIED");
    await this.attempts.spend("verifications", id);
    await this.db.write(async (tx) => {
      await users.lock(tx, id);
      askToVerify(this, ctx, tx, { id, email });
    });
    return null;
  },

  async changeEmail(this: UserService, ctx: Ctx<Input<"user.changeEmail">>) {
    const { email, password } = ctx.params;
    const account = await users.get(this.db, userId(ctx));
    const { id, password_hash } = account;
    await this.attempts.verify(this.attempts.signedIn(ctx), password, password_hash);
    if (email === account.email && account.verified_at !== null) throw user.error("EMAIL_VERIFIED");
    const owner = await users.findByEmail(this.db, email);
    if (owner && owner.id !== id) throw user.error("EMAIL_TAKEN");
    await this.attempts.spend("verifications", id);
    await this.db.write(async (tx) => {
      await users.lock(tx, id);
      // Whoever has changed the password meanwhile has ended all links before; this one would come after.
      if ((await users.get(tx, id)).password_hash !== password_hash) throw user.error("BAD_CREDENTIALS");
      askToVerify(this, ctx, tx, { id, email });
    });
    return null;
  },

  async confirmEmail(this: UserService, ctx: Ctx<Input<"user.confirmEmail">>) {
    await this.db.write(async (tx) => {
      const mail = await mails.take(tx, ctx.params.linkToken, "verify");
      if (!mail) throw user.error("LINK_INVALID");
      const { user_id: id, email } = mail;
      const before = await users.verify(tx, { id, email: email! });
      // Links that were sent to the address before are good no more.
      tx.add(mails.endLinks(id));
      if (before.email === email || before.verified_at === null) return;
      const mailId = mails.write(tx, { user_id: id, kind: "notice", email: before.email });
      tx.add(this.outbox.event(ctx, "user.email_changed", `user:${id}`, { userId: id, mailId }));
    });
    return null;
  },
} satisfies BlockHandlers<typeof contract>;

export const emailAddress = (): Mixin => mixin({}, { name: "emailAddress", migrations: {}, handlers });
