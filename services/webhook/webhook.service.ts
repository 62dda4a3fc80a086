/** Webhooks tell the systems of merchants what happened: signed, and again until they answer. */
import { DAY, now, timestamp } from "#core/clock.ts";
import { implement } from "#core/implement.ts";
import type { Envelope } from "#core/envelope.ts";
import { newId } from "#core/id.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import type { Database } from "#mixins/database/database.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { jobs } from "#mixins/jobs/jobs.mixin.ts";
import * as deliveries from "./delivery.repository.ts";
import { forwarded, TEST } from "./message.contract.ts";
import { type Sender, sender } from "./sender.mixin.ts";
import { config } from "./webhook.config.ts";
import { webhook as contract } from "./webhook.contract.ts";
import { messageOf } from "./webhook.model.ts";
import { toDelivery, toEndpoint } from "./webhook.projection.ts";
import * as endpoints from "./webhook.repository.ts";
import type { Tx, WebhookTables } from "./webhook.tables.ts";

interface Host {
  readonly db: Database<WebhookTables>;
  readonly sender: Sender;
}

const listeners = ({ db }: Host) =>
  db.recall("listeners", async () => ({ value: await endpoints.listeners(db), until: null }));

/** Nothing is stored of an event that no endpoint wants. `user.deleted` is always wanted, because what is about that person must go. */
async function isWanted(this: Host, type: string): Promise<boolean> {
  return type === "user.deleted" || (await listeners(this)).has(type);
}

async function forward(this: Host, event: Envelope<object>, tx: Tx): Promise<void> {
  for (const endpoint_id of (await endpoints.listeners(tx)).get(event.type) ?? [])
    tx.add(deliveries.queue(deliveries.rowOf({ ...messageOf(event), endpoint_id })));
  tx.afterCommit(() => this.sender.wake());
}

export default implement(contract, {
  mixins: [
    database<WebhookTables>({
      migrations: new URL("./migrations/", import.meta.url),
      shown: ["endpoints.url", "endpoints.events", "endpoints.description"],
    }),
    audit(),
    idempotency(),
    sender(),
    inbox({ isWanted }),
    erasure(async (tx: Tx, { userId }) => ((await deliveries.removeAllOf(tx, userId)) ? "more" : "all")),
    jobs(contract),
  ],

  actions: {
    listEventTypes: () => ({ items: forwarded.map((type) => ({ type })) }),

    async createEndpoint(ctx) {
      const row = await this.db.write((tx) => endpoints.add(tx, ctx.params, ctx.meta.language));
      return { ...toEndpoint(row), secret: row.secret };
    },

    listEndpoints(ctx) {
      return endpoints.list(this.db, ctx.params);
    },

    async getEndpoint(ctx) {
      return toEndpoint(await endpoints.find(this.db, ctx.params.id));
    },

    async editEndpoint(ctx) {
      const edited = await this.db.write(async (tx) => {
        tx.afterCommit(() => this.sender.wake());
        return endpoints.edit(tx, ctx.params, ctx.meta.language);
      });
      return toEndpoint(edited);
    },

    async removeEndpoint(ctx) {
      await this.db.write((tx) => endpoints.remove(tx, ctx.params.id));
      return null;
    },

    async resetSecret(ctx) {
      return { secret: await this.db.write((tx) => endpoints.resetSecret(tx, ctx.params.id)) };
    },

    sendTest(ctx) {
      return this.idempotency.once(ctx, async (tx: Tx) => {
        const { id } = await endpoints.findActive(tx, ctx.params.id);
        const test = { id: newId(), type: TEST, version: 1, time: timestamp(), data: { endpointId: id } };
        const row = deliveries.rowOf({ ...messageOf(test), endpoint_id: id });
        tx.add(deliveries.queue(row));
        tx.afterCommit(() => this.sender.wake());
        return toDelivery(row);
      });
    },

    async listDeliveries(ctx) {
      await endpoints.find(this.db, ctx.params.id);
      return deliveries.list(this.db, ctx.params);
    },

    retryDeliveries(ctx) {
      return this.idempotency.once(ctx, async (tx: Tx) => {
        const { id } = await endpoints.findActive(tx, ctx.params.id);
        tx.afterCommit(() => this.sender.wake());
        return { retried: await deliveries.sendFailedAgain(tx, id) };
      });
    },

    getDelivery(ctx) {
      return deliveries.logged(this.db, ctx.params.id);
    },

    retryDelivery(ctx) {
      return this.idempotency.once(ctx, async (tx: Tx) => {
        const { id, endpoint_id } = await deliveries.get(tx, ctx.params.id);
        await endpoints.findActive(tx, endpoint_id);
        tx.afterCommit(() => this.sender.wake());
        return deliveries.sendAgain(tx, id);
      });
    },
  },

  events: {
    ...(Object.fromEntries(forwarded.map((type) => [type, forward])) as Record<
      (typeof forwarded)[number],
      typeof forward
    >),
    async "user.deleted"(event, tx) {
      await this.erasure.begin(tx, event.data.userId);
      await forward.call(this, event, tx);
    },
  },

  jobs: {
    async removeOld({ signal }) {
      while (await deliveries.removeOld(this.db, now() - config.WEBHOOK_KEEP * DAY)) signal.throwIfAborted();
      return {};
    },
  },
});
