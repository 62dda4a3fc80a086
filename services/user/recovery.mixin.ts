/**
 * Forgotten passwords. A request only writes its address down: whether that has an account is looked up afterwards, so
 * neither the answer nor its time tells.
 */
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { newId } from "#core/id.ts";
import { Worker } from "#mixins/queue/worker.ts";
import type { UserService } from "./attempt.mixin.ts";
import { digest } from "./attempt.model.ts";
import { forget } from "./attempt.repository.ts";
import * as mails from "./mail.repository.ts";
import { hashPassword } from "./password-hash.model.ts";
import type { recovery as contract } from "./recovery.contract.ts";
import * as requests from "./recovery.repository.ts";
import { endAccess, tell } from "./session.mixin.ts";
import { user } from "./user.contract.ts";
import { checkNewPassword } from "./user.model.ts";
import * as users from "./user.repository.ts";

/** Milliseconds after which a node looks for requests that another has left behind. */
const IDLE = 5000;

interface Host extends UserService {
  readonly resets?: Worker;
}

/** Has links sent for requests that wait; true when there may be more. */
async function answer(service: UserService): Promise<boolean> {
  const request = await requests.next(service.db);
  if (!request) return false;
  await service.db.write(async (tx) => {
    if (!(await requests.take(tx, request))) return;
    const account = await users.findByEmail(tx, request.email);
    if (!account) return;
    const { id, email } = account;
    await users.lock(tx, id);
    const mailId = mails.write(tx, { user_id: id, kind: "reset", email });
    const cause = { requestID: request.id, id: newId() };
    tx.add(service.outbox.event(cause, "user.password_reset_requested", `user:${id}`, { userId: id, mailId }));
  });
  return true;
}

const handlers = {
  async sendPasswordReset(this: Host, ctx: Ctx<Input<"user.sendPasswordReset">>) {
    const { email } = ctx.params;
    await this.attempts.spend("resetsOfNetwork", ctx.meta.network ?? "");
    await this.attempts.spend("resets", email);
    await this.db.write(async (tx) => {
      tx.add(requests.add(email));
      tx.afterCommit(() => this.resets?.wake());
    });
    return null;
  },

  async resetPassword(this: Host, ctx: Ctx<Input<"user.resetPassword">>) {
    const { linkToken: token, password } = ctx.params;
    const mail = await mails.find(this.db, token, "reset");
    if (!mail) throw user.error("LINK_INVALID");
    const chosen = { password, pointer: "/password", language: ctx.meta.language };
    checkNewPassword(chosen, await users.get(this.db, mail.user_id));
    const to = await hashPassword(password, this.attempts.signingUp(ctx));
    await this.db.write(async (tx) => {
      const used = await mails.take(tx, token, "reset");
      if (!used) throw user.error("LINK_INVALID");
      const { user_id: id, email } = used;
      const account = await users.get(tx, id);
      await users.setPassword(tx, { id, from: account.password_hash, to, once: 0 });
      // Whoever reads what is sent to an address owns it.
      if (account.verified_at === null) await users.verify(tx, { id, email: email! });
      tx.add(mails.endLinks(id), forget(digest("account", account.email)));
      tell(this, tx, await endAccess(tx, id));
      tx.add(this.outbox.event(ctx, "user.password_changed", `user:${id}`, { userId: id }));
    });
    return null;
  },
} satisfies BlockHandlers<typeof contract>;

export const recovery = (): Mixin =>
  mixin<object, Host>(
    {
      started() {
        const worker = new Worker(this.logger, () => answer(this), { idle: IDLE });
        addName(this, "resets", worker);
        worker.wake();
      },
      async stopped() {
        await this.resets?.stop();
      },
    },
    { name: "recovery", migrations: {}, handlers },
  );
