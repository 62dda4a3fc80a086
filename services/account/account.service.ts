/** Plans, subscriptions, viewer profiles, and what a person may watch by them. */
import { userId } from "#core/context.ts";
import { fitting } from "#core/cursor.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { jobs } from "#mixins/jobs/jobs.mixin.ts";
import { numbering } from "#mixins/numbering/numbering.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { saga } from "#mixins/saga/saga.mixin.ts";
import { config } from "./account.config.ts";
import { account as contract } from "./account.contract.ts";
import { entitlementOf, watcher } from "./account.policy.ts";
import * as accounts from "./account.repository.ts";
import { payInvoice } from "./account.saga.ts";
import { type AccountTables, plainText, type Tx } from "./account.tables.ts";
import { forget } from "./erasure.repository.ts";
import { found, settled, visible } from "./invoice.policy.ts";
import { toInvoice } from "./invoice.projection.ts";
import * as invoices from "./invoice.repository.ts";
import { documentOf } from "./invoice.template.ts";
import { remindTrial } from "./message.settlement.ts";
import { toPlan } from "./plan.projection.ts";
import * as plans from "./plan.repository.ts";
import { playsWithPin, toProfile } from "./profile.model.ts";
import { addProfile, editProfile, removeProfile } from "./profile.placement.ts";
import * as profiles from "./profile.repository.ts";
import { noteRefund, refunded } from "./refund.settlement.ts";
import { advancing, beginAdvance, catchUp, renewal, toTestClock } from "./renewal.settlement.ts";
import { begin, change, end, pause, resume } from "./subscription.placement.ts";
import { priceChange } from "./subscription.pricing.ts";
import { toPreview, toSubscription } from "./subscription.projection.ts";
import * as subscriptions from "./subscription.repository.ts";
import { titleEvents, titles } from "./title.mixin.ts";

export default implement(contract, {
  mixins: [
    database<AccountTables>({ migrations: new URL("./migrations/", import.meta.url), shown: plainText }),
    audit(),
    outbox(),
    inbox(),
    idempotency(),
    numbering(),
    saga(payInvoice),
    erasure(forget),
    jobs(contract),
    titles(),
  ],

  actions: {
    async entitle(ctx) {
      const { userId: viewer, profileId, videoId, pin, isPlaying = false } = ctx.params;
      const profile = await profiles.own(this.db, profileId, viewer);
      if (!profile) throw contract.error("PROFILE_NOT_FOUND");
      const entitlement = await entitlementOf(this.db, viewer, videoId);
      // The PIN comes last, so that PIN_REQUIRED means that all else is right.
      // A session that has begun gave it then.
      if (playsWithPin(profile) && !isPlaying) await profiles.checkPin(this.db, profile, pin);
      return { ...entitlement, profile: watcher(profile) };
    },

    listPlans(ctx) {
      return plans.list(this.db, ctx.params.region);
    },

    async getPlan(ctx) {
      return toPlan(found(await plans.find(this.db, ctx.params.id)));
    },

    createPlan(ctx) {
      return this.idempotency.once(ctx, async (tx) => {
        const plan = await plans.add(tx, ctx.params);
        if (!plan) throw contract.error("CODE_TAKEN");
        return plan;
      });
    },

    editPlan(ctx) {
      return this.db.write((tx) => plans.edit(tx, ctx.params));
    },

    async archivePlan(ctx) {
      await this.db.write((tx) => plans.archive(tx, ctx.params.id, ctx.params.version));
      return null;
    },

    async seed(ctx) {
      return { added: await this.db.write((tx) => plans.seed(tx, ctx.params.plans)) };
    },

    async listProfiles(ctx) {
      const rows = await profiles.list(this.db, userId(ctx));
      return { items: fitting(rows.map(toProfile)), nextCursor: null };
    },

    async getProfile(ctx) {
      return toProfile(await profiles.find(this.db, ctx.params.id, userId(ctx)));
    },

    addProfile,
    editProfile,
    removeProfile,

    async resetPin(ctx) {
      if (!(await this.db.write((tx) => profiles.unlock(tx, ctx.params.id)))) throw contract.error("NOT_FOUND");
      return null;
    },

    async getSubscription(ctx) {
      return shown(await subscriptions.find(this.db, userId(ctx)));
    },

    async listSubscriptions(ctx) {
      const all = await subscriptions.list(this.db, userId(ctx));
      return { items: fitting(all.map(({ row, plan }) => toSubscription(row, plan))), nextCursor: null };
    },

    async subscribe(ctx) {
      const { id, invoiceId } = await subscriptions.unlessOvertaken(() =>
        this.idempotency.once(ctx, (tx) => begin.call(this, ctx, tx)),
      );
      await settled(this, invoiceId);
      return shown(await subscriptions.byId(this.db, id));
    },

    async previewChange(ctx) {
      const subscribed = found(await subscriptions.find(this.db, userId(ctx)));
      found(await plans.find(this.db, ctx.params.planId));
      const wish = { ...ctx.params, region: ctx.meta.region ?? null };
      const change = await priceChange(this.db, subscribed, await accounts.find(this.db, userId(ctx)), wish);
      return toPreview(change);
    },

    async editSubscription(ctx) {
      const invoiceId = await subscriptions.unlessOvertaken(() => this.db.write((tx) => change.call(this, ctx, tx)));
      await settled(this, invoiceId);
      return shown(await subscriptions.find(this.db, userId(ctx)));
    },

    pause(ctx) {
      return subscriptions.unlessOvertaken(() => this.idempotency.once(ctx, (tx) => pause.call(this, ctx, tx)));
    },

    resume(ctx) {
      return subscriptions.unlessOvertaken(() => this.idempotency.once(ctx, (tx) => resume.call(this, ctx, tx)));
    },

    cancel(ctx) {
      return subscriptions.unlessOvertaken(() =>
        this.db.write((tx) => end.call(this, ctx, tx, userId(ctx), "customer")),
      );
    },

    listInvoices(ctx) {
      return invoices.list(this.db, userId(ctx), ctx.params);
    },

    async getInvoice(ctx) {
      return toInvoice(await visible(this.db, ctx.params.id, ctx));
    },

    async getInvoiceDocument(ctx) {
      return documentOf(toInvoice(await visible(this.db, ctx.params.id, ctx)), ctx.meta.language);
    },

    async getBilling(ctx) {
      return found((await accounts.billingOf(this.db, userId(ctx)))[0]);
    },

    async setBilling(ctx) {
      await this.db.write(async (tx) => tx.add(accounts.setBilling(userId(ctx), JSON.stringify(ctx.params))));
      return ctx.params;
    },

    async listBilling(ctx) {
      return { items: await accounts.billingOf(this.db, userId(ctx)), nextCursor: null };
    },

    async retryInvoice(ctx) {
      const { attempt } = await visible(this.db, ctx.params.id, ctx);
      await this.idempotency.once(ctx, async (tx) => {
        if (!(await this.saga.retry(tx, attempt ?? ""))) throw contract.error("NOT_POSSIBLE");
      });
      await this.saga.settled(attempt!, config.ACCOUNT_ANSWER_BUDGET);
      return toInvoice(await visible(this.db, ctx.params.id, ctx));
    },

    async settleInvoice(ctx) {
      const { id, status } = ctx.params;
      const { attempt } = await visible(this.db, id, ctx);
      await this.idempotency.once(ctx, async (tx) => {
        const ending = status === "paid" ? "completed" : "compensated";
        if (!(await this.saga.close(tx, attempt ?? "", ending))) throw contract.error("NOT_POSSIBLE");
      });
      return toInvoice(await visible(this.db, id, ctx));
    },

    async advance(ctx) {
      return this.idempotency.once(ctx, (tx) => beginAdvance.call(this, tx, ctx.params));
    },

    async getTestClock(ctx) {
      return toTestClock(ctx.params.userId, await accounts.find(this.db, ctx.params.userId));
    },
  },

  jobs: {
    renew: renewal,
    catchUp,
    noteRefund,
    remindTrial,
    advance: advancing,
  },

  events: {
    async "payment.decided"({ data }, tx: Tx) {
      if (data.purpose === "invoice") tx.add(this.saga.wake(data.orderId));
    },
    "payment.refunded": refunded,
    ...titleEvents,
    "user.deleted"({ data }, tx: Tx) {
      return this.erasure.begin(tx, data.userId);
    },
  },
});

/** @throws NOT_FOUND */
function shown(subscribed: subscriptions.Subscribed | undefined) {
  const { row, plan } = found(subscribed);
  return toSubscription(row, plan);
}
