/** Authorizes, captures, refunds and shows payments, and keeps our books equal to the provider's. */
import { DAY, now } from "#core/clock.ts";
import { userId } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { jobs } from "#mixins/jobs/jobs.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import * as captures from "./capture.repository.ts";
import * as disputes from "./dispute.repository.ts";
import { forget } from "./erasure.repository.ts";
import * as methods from "./method.repository.ts";
import { keptToken, tokenOf } from "./method.settlement.ts";
import { config } from "./payment.config.ts";
import { payment } from "./payment.contract.ts";
import { cashier } from "./payment.mixin.ts";
import { readMethod } from "./payment.model.ts";
import {
  authorizationOf,
  captureOf,
  reversalOf,
  standing,
  toCharge,
  toDispute,
  toMethod,
  toPayment,
  toRefund,
} from "./payment.projection.ts";
import { found, visible } from "./payment.policy.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import { receiveWebhook } from "./payment.webhook.ts";
import * as refunds from "./refund.repository.ts";
import * as reports from "./report.repository.ts";
import { reporting } from "./report.mixin.ts";
import { daysSince } from "./report.model.ts";
import * as removals from "./removal.repository.ts";
import * as webhooks from "./webhook.repository.ts";

/** Milliseconds: no provider repeats a webhook for longer. */
const WEBHOOK_AGE = 30 * DAY;

/** Days for which a report is made up for. */
const MOST_DAYS = 31;

export default implement(payment, {
  mixins: [
    database<PaymentTables>({ migrations: new URL("./migrations/", import.meta.url) }),
    audit(),
    outbox(),
    inbox(),
    idempotency(),
    cashier(),
    reporting(),
    erasure(forget),
    jobs(payment),
  ],
  actions: {
    async authorize(ctx) {
      const { orderId, purpose = "order", amount, paymentMethod, capture } = ctx.params;
      const { settlement, provider } = this.cashier;
      if (provider.capturesAtOnce && capture === false) throw payment.error("CAPTURE_AT_ONCE");
      const owner = userId(ctx);
      const token = await tokenOf(this.db, paymentMethod, owner, orderId);
      const request = {
        orderId,
        purpose,
        userId: owner,
        amount,
        token,
        capture: capture ?? provider.capturesAtOnce ?? false,
      };
      return authorizationOf(await settlement.authorize(ctx, request), amount);
    },

    async capture(ctx) {
      const { orderId, captureId, ...part } = ctx.params;
      const known = await payments.ofOrder(this.db, orderId);
      if (!known) throw payment.error("NOT_FOUND");
      const isPart = captureId !== undefined || part.amount !== undefined;
      if (isPart || (known.status === "requires_capture" && known.claimed > 0))
        return this.cashier.captures.part(ctx, known, { id: captureId ?? known.id, ...part });
      return captureOf(await this.cashier.settlement.capture(ctx, known));
    },

    async listCaptures(ctx) {
      const { id } = await visible(this.db, ctx.params.id, ctx);
      return captures.list(this.db, id, ctx.params);
    },

    async reverse(ctx) {
      const { orderId, reason } = ctx.params;
      return reversalOf(await this.cashier.settlement.reverse(ctx, orderId, reason));
    },

    async refundPart(ctx) {
      const { orderId, refundId, amount, reason } = ctx.params;
      const { currency } = amount;
      const lost = await this.db.write(async (tx: Tx) => {
        const row = await payments.ofOrder(tx, orderId);
        if (!row) throw payment.error("NOT_FOUND");
        if (row.currency !== currency) throw payment.error("CURRENCY_MISMATCH", { currency: row.currency });
        // Staff may have refunded some of it, and a dispute may have taken it.
        const part = Math.min(amount.amount, row.captured - row.refunded - row.lost);
        const isKnown = (await refunds.find(tx, refundId)) !== undefined;
        if (!isKnown && part > 0) await this.cashier.refunds.begin(tx, row, part, reason, refundId);
        return row.lost;
      });
      const isRefunded = (await refunds.find(this.db, refundId)) !== undefined;
      const nothing = { amount: 0, status: "succeeded" as const };
      const refund = isRefunded ? await this.cashier.refunds.end(ctx, refundId) : nothing;
      const disputed = Math.min(amount.amount - refund.amount, lost);
      return {
        amount: { amount: refund.amount, currency },
        ...(disputed > 0 && { disputed: { amount: disputed, currency } }),
        status: refund.status,
      };
    },

    list(ctx) {
      return payments.list(this.db, userId(ctx), ctx.params);
    },

    async get(ctx) {
      return toPayment(await visible(this.db, ctx.params.id, ctx));
    },

    async confirm(ctx) {
      const { id } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => (await found(tx, id, userId(ctx))).id);
      const row = await found(this.db, id, userId(ctx));
      return toPayment(standing(await this.cashier.settlement.confirm(ctx, row)));
    },

    async refund(ctx) {
      const { id, amount, reason } = ctx.params;
      const refundId = await this.idempotency.once(ctx, async (tx) => {
        const row = await found(tx, id, null);
        if (row.currency !== amount.currency) throw payment.error("CURRENCY_MISMATCH", { currency: row.currency });
        return (await this.cashier.refunds.begin(tx, row, amount.amount, reason)).id;
      });
      return toRefund(await this.cashier.refunds.end(ctx, refundId));
    },

    async listRefunds(ctx) {
      const { id } = await visible(this.db, ctx.params.id, ctx);
      return refunds.list(this.db, id, ctx.params);
    },

    listOwnRefunds(ctx) {
      return refunds.listOf(this.db, userId(ctx), ctx.params);
    },

    receiveWebhook,

    async listCharges(ctx) {
      const { provider } = this.cashier;
      if (!provider.ledger) throw payment.error("NOT_FOUND");
      const { limit = 20, cursor, reference } = ctx.params;
      const { items, nextCursor } = await provider.ledger({ limit, cursor, reference });
      return { items: items.map(toCharge), nextCursor };
    },

    listDisputes(ctx) {
      return disputes.list(this.db, ctx.params);
    },

    async getDispute(ctx) {
      const row = await disputes.find(this.db, ctx.params.id);
      if (!row) throw payment.error("NOT_FOUND");
      return toDispute(row);
    },

    listMethods(ctx) {
      return methods.list(this.db, userId(ctx), ctx.params);
    },

    async saveMethod(ctx) {
      const { provider } = this.cashier;
      const method = readMethod(ctx.params.token);
      if (!method || !("token" in method)) throw payment.error("METHOD_INVALID");
      const label = await provider.describe(method.token);
      if (!label) throw payment.error("METHOD_NOT_FOUND");
      const owner = userId(ctx);
      const token = await keptToken(this.db, provider, owner, method.token);
      const fields = { ...label, token, user_id: owner, provider: provider.name };
      return this.idempotency.once(ctx, async (tx) => {
        const saved = await methods.save(tx, fields, config.PAYMENT_METHODS_MAX);
        if (!saved) throw payment.error("METHODS_FULL", { most: config.PAYMENT_METHODS_MAX });
        return toMethod(saved);
      });
    },

    async removeMethod(ctx) {
      const { removals: queue } = this.cashier;
      await this.db.write(async (tx) => {
        const removed = await methods.remove(tx, ctx.params.id, userId(ctx));
        if (!removed) throw payment.error("NOT_FOUND");
        tx.add(removals.add(removed, () => queue.wake()));
      });
      return null;
    },
  },

  jobs: {
    async compareBooks({ signal }) {
      const { provider, reports: ours } = this.cashier;
      if (!provider.list) return { result: { days: [] } };
      const days = daysSince(await reports.lastDay(this.db, provider.name), now(), MOST_DAYS);
      for (const day of days) await ours.compare(day, signal);
      return { result: { days: [...days] } };
    },
    async forgetWebhooks() {
      return { writes: [webhooks.forget(now() - WEBHOOK_AGE)] };
    },
  },

  events: {
    async "order.claimed"({ data }, tx: Tx) {
      tx.add(payments.give(data.orderId, data.guestId, data.userId));
    },
    "order.guest_erased"({ data: { orderId, guestId, hasOthers = false } }, tx: Tx) {
      return this.erasure.begin(tx, hasOthers ? orderId : guestId);
    },
    "user.deleted"({ data }, tx: Tx) {
      return this.erasure.begin(tx, data.userId);
    },
  },
});
