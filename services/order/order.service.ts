/** Orders: priced, placed by a saga, followed, cancelled, and corrected by staff. */
import { DAY, now } from "#core/clock.ts";
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
import { cancelling, cancelOrder, whenSettled } from "./cancellation.mixin.ts";
import { forget, forgetGuests } from "./erasure.repository.ts";
import { guestOrders } from "./guest.mixin.ts";
import { invoicing } from "./invoice.mixin.ts";
import { lookup } from "./lookup.repository.ts";
import * as notes from "./note.repository.ts";
import { numbers } from "./number.mixin.ts";
import { cart } from "./cart.mixin.ts";
import { config } from "./order.config.ts";
import { order as contract } from "./order.contract.ts";
import { timeline } from "./history.projection.ts";
import { cancelledBy } from "./order.model.ts";
import { placed, quoted } from "./order.placement.ts";
import { found, visible } from "./order.policy.ts";
import * as orders from "./order.repository.ts";
import { placeOrder, placeOrderBefore, placeOrderFirst, placeOrderSecond } from "./order.saga.ts";
import { paymentEvents } from "./payment.settlement.ts";
import { giveBack } from "./refund.settlement.ts";
import { returning } from "./return.mixin.ts";
import { shipping } from "./shipment.mixin.ts";
import { takePayment } from "./shipment.settlement.ts";
import * as shippingRules from "./shipping.repository.ts";
import * as taxes from "./tax.repository.ts";
import { checkRates } from "./tax.model.ts";
import { checkRules } from "./shipping.model.ts";
import * as quotes from "./quote.repository.ts";

export default implement(contract, {
  mixins: [
    database<orders.OrderTables>({ migrations: new URL("./migrations/", import.meta.url) }),
    audit(),
    outbox(),
    inbox(),
    idempotency(),
    saga(placeOrder, placeOrderBefore, placeOrderSecond, placeOrderFirst),
    erasure(forget),
    numbers(),
    numbering(),
    cart(),
    shipping(),
    cancelling(),
    returning(),
    invoicing(),
    guestOrders(),
    jobs(contract),
  ],

  actions: {
    quote(ctx) {
      return quoted.call(this, ctx);
    },

    listQuotes(ctx) {
      return quotes.list(this.db, userId(ctx), ctx.params);
    },

    create(ctx) {
      return placed.call(this, ctx);
    },

    async list(ctx) {
      return orders.page(this.db, { ...ctx.params, owner: userId(ctx) });
    },

    async listAll({ params: { customer = null, ...search } }) {
      return orders.page(this.db, { ...search, owner: customer });
    },

    async get(ctx) {
      return visible(this.db, ctx.params.id, ctx);
    },

    async lookup(ctx) {
      return { items: await lookup(this.db, ctx.params.ids) };
    },

    async getTimeline(ctx) {
      return timeline(this, await visible(this.db, ctx.params.id, ctx));
    },

    async watch(ctx) {
      const { id, after = 0 } = ctx.params;
      await visible(this.db, id, ctx);
      const events = await this.outbox.since(`order:${id}`, after, 100);
      return { items: fitting(events.map(({ seq, type, data }) => ({ id: String(seq), event: type, data }))) };
    },

    createCart(ctx) {
      return this.carts.begin(ctx);
    },
    getCart(ctx) {
      return this.carts.show(ctx);
    },
    addCartLine(ctx) {
      return this.carts.add(ctx);
    },
    setCartLine(ctx) {
      return this.carts.set(ctx);
    },
    removeCartLine(ctx) {
      return this.carts.remove(ctx);
    },
    async removeCart(ctx) {
      await this.carts.clear(ctx);
      return null;
    },
    mergeCart(ctx) {
      return this.carts.merge(ctx);
    },

    async listTaxRates() {
      return { items: await taxes.list(this.db) };
    },

    async setTaxRates({ params: { country, rates } }) {
      checkRates(rates);
      await this.db.write(async (tx) => taxes.set(tx, country, rates));
      return { country, rates };
    },

    async listShippingRules() {
      return { items: await shippingRules.list(this.db) };
    },

    async setShippingRules({ params: { currency, rules } }) {
      checkRules(rules);
      await this.db.write(async (tx) => shippingRules.set(tx, currency, rules));
      return { currency, rules };
    },

    addNote(ctx) {
      const { id, text } = ctx.params;
      return this.idempotency.once(ctx, async (tx: orders.Tx) => {
        found(await orders.find(tx, id, null));
        return notes.add(tx, id, userId(ctx), text);
      });
    },

    async listNotes(ctx) {
      const { id, ...paging } = ctx.params;
      found(await orders.find(this.db, id, null));
      return notes.list(this.db, id, paging);
    },

    cancel(ctx) {
      return cancelOrder.call(this, ctx);
    },

    async listParked(ctx) {
      return orders.page(this.db, { ...ctx.params, owner: null, status: "needs_attention" });
    },

    async retry(ctx) {
      const { id } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => {
        found(await orders.find(tx, id, null));
        if (!(await this.saga.retry(tx, id))) throw contract.error("NOT_PARKED");
        tx.add(orders.note({ orderId: id, step: "retry", state: "asked" }));
      });
      return whenSettled.call(this, id);
    },

    async settle(ctx) {
      const { id, status, note } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => {
        found(await orders.find(tx, id, null));
        const end = status === "confirmed" ? "completed" : "compensated";
        if (!(await this.saga.close(tx, id, end, cancelledBy("shop")))) throw contract.error("NOT_PARKED");
        tx.add(orders.note({ orderId: id, step: "settle", state: status, detail: note }));
      });
      return found(await orders.find(this.db, id, null));
    },
  },

  events: {
    "user.deleted"({ data }, tx: orders.Tx) {
      return this.erasure.begin(tx, data.userId);
    },
    ...paymentEvents,
  },

  jobs: {
    giveBack,
    takePayment,
    async forgetGuests({ ctx, signal }) {
      const before = now() - config.ORDER_GUEST_KEEP * DAY;
      while (await forgetGuests.call(this, ctx, before)) signal.throwIfAborted();
    },
    async numberOrders({ signal }) {
      while (await this.numbers.numberOldest()) signal.throwIfAborted();
    },
    async sweepCarts({ ctx, signal }) {
      while (await this.carts.sweep(ctx)) signal.throwIfAborted();
    },
  },
});
