/** Plans, subscriptions, viewer profiles, and what a person may watch by them. */
import { userId } from "#core/context.ts";
import { fitting } from "#core/cursor.ts";
import { implement } from "#core/implement.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { account as contract } from "./account.contract.ts";
import { entitlementOf, watcher } from "./account.policy.ts";
import type { AccountTables, Tx } from "./account.tables.ts";
import { forget } from "./erasure.repository.ts";
import { hashPin } from "./pin.model.ts";
import { toPlan } from "./plan.projection.ts";
import * as plans from "./plan.repository.ts";
import { changed, playsWithPin, settingsOf, toProfile } from "./profile.model.ts";
import * as profiles from "./profile.repository.ts";
import { cancel, subscribe } from "./subscription.placement.ts";
import { toSubscription } from "./subscription.projection.ts";
import * as subscriptions from "./subscription.repository.ts";

export default implement(contract, {
  mixins: [
    database<AccountTables>({ migrations: new URL("./migrations/", import.meta.url) }),
    outbox(),
    inbox(),
    idempotency(),
    erasure(forget),
  ],

  actions: {
    async entitle(ctx) {
      const { userId: viewer, profileId, pin } = ctx.params;
      const profile = await profiles.own(this.db, profileId, viewer);
      if (!profile) throw contract.error("PROFILE_NOT_FOUND");
      if (playsWithPin(profile)) await profiles.checkPin(this.db, profile, pin);
      return { ...(await entitlementOf(this.db, viewer)), profile: watcher(profile) };
    },

    listPlans(ctx) {
      return plans.list(this.db, ctx.params.region);
    },

    async getPlan(ctx) {
      const plan = await plans.find(this.db, ctx.params.id);
      if (!plan) throw contract.error("NOT_FOUND");
      return toPlan(plan);
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
      const added = await this.db.write(async (tx) => {
        const made = [];
        for (const plan of ctx.params.plans) made.push(await plans.add(tx, plan));
        return made.filter((plan) => plan !== undefined).length;
      });
      return { added };
    },

    async listProfiles(ctx) {
      const rows = await profiles.list(this.db, userId(ctx));
      return { items: fitting(rows.map(toProfile)), nextCursor: null };
    },

    async getProfile(ctx) {
      return toProfile(await profiles.find(this.db, ctx.params.id, userId(ctx)));
    },

    async addProfile(ctx) {
      const { pin, language = ctx.meta.language ?? "en" } = ctx.params;
      const pin_hash = pin === undefined ? null : await hashPin(pin);
      const fields = { ...settingsOf(ctx.params), user_id: userId(ctx), language, pin_hash };
      return toProfile(await this.db.write((tx) => profiles.add(tx, fields)));
    },

    async editProfile(ctx) {
      const { id, version, pin, newPin } = ctx.params;
      const from = await profiles.find(this.db, id, userId(ctx));
      if (version !== undefined && version !== from.version) throw contract.error("STALE_VERSION");
      await profiles.checkPin(this.db, from, pin);
      const pin_hash = newPin ? await hashPin(newPin) : newPin === null ? null : from.pin_hash;
      const to = { ...changed(from, ctx.params), pin_hash };
      return toProfile(await this.db.write((tx) => profiles.replace(tx, from, to)));
    },

    async removeProfile(ctx) {
      const { id, version, pin } = ctx.params;
      const row = await profiles.find(this.db, id, userId(ctx));
      if (version !== undefined && version !== row.version) throw contract.error("STALE_VERSION");
      await profiles.checkPin(this.db, row, pin);
      await this.db.write(async (tx) => {
        await profiles.remove(tx, row);
        const removed = { userId: row.user_id, profileId: id };
        tx.add(this.outbox.event(ctx, "account.profile_removed", `profile:${id}`, removed));
      });
      return null;
    },

    async resetPin(ctx) {
      if (!(await this.db.write((tx) => profiles.unlock(tx, ctx.params.id)))) throw contract.error("NOT_FOUND");
      return null;
    },

    async getSubscription(ctx) {
      const found = await subscriptions.find(this.db, userId(ctx));
      if (!found) throw contract.error("NOT_FOUND");
      return toSubscription(found.row, found.plan);
    },

    async listSubscriptions(ctx) {
      const found = await subscriptions.list(this.db, userId(ctx));
      return { items: fitting(found.map(({ row, plan }) => toSubscription(row, plan))), nextCursor: null };
    },

    subscribe,
    cancel,
  },

  events: {
    "user.deleted"({ data }, tx: Tx) {
      return this.erasure.begin(tx, data.userId);
    },
  },
});
