/** Handlers of guests' orders: each does what the owner's own action does, on behalf of the guest. */
import { type Ctx, idempotencyKey, userId, withKey } from "#core/context.ts";
import type { Input, Output } from "#core/contract.ts";
import { isError, sharedError } from "#core/errors.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { cancelOrder, handlers as cancelling } from "./cancellation.mixin.ts";
import { hashOf } from "./cart.model.ts";
import type { guests as block } from "./guest.contract.ts";
import { guestIdOf, readToken, writeToken } from "./guest.model.ts";
import * as guests from "./guest.repository.ts";
import { timeline } from "./history.projection.ts";
import { invoicesOfOrder, documentOfOrder } from "./invoice.mixin.ts";
import { spelled } from "./number.model.ts";
import { order as contract } from "./order.contract.ts";
import { placed, quoted } from "./order.placement.ts";
import { found } from "./order.policy.ts";
import { find, note, type Tx } from "./order.repository.ts";
import type { Host } from "./refund.settlement.ts";
import { handlers as returning } from "./return.mixin.ts";

type Named = Ctx<{ readonly number: string; readonly orderToken?: string }>;

/** The same request, of a person, about something else. */
const onBehalfOf = <Params>(ctx: Ctx, id: string, params: Params): Ctx<Params> =>
  Object.create(ctx, { user: { value: { id, roles: [] } }, params: { value: params } }) as Ctx<Params>;

/** @throws TITLES_NEED_ACCOUNT, UNAUTHENTICATED without a cart */
function ofCart<Params extends { readonly cartToken?: string; readonly titles?: unknown }>(ctx: Ctx<Params>) {
  const { cartToken, titles, ...params } = ctx.params;
  if (titles !== undefined) throw contract.error("TITLES_NEED_ACCOUNT");
  if (cartToken === undefined) throw sharedError("UNAUTHENTICATED");
  const tokenHash = hashOf(cartToken);
  const guestId = guestIdOf(tokenHash);
  return { holder: { tokenHash }, guestId, own: onBehalfOf(ctx, guestId, params) };
}

/** The order that the token was made for, if the number is its own. @throws NOT_FOUND */
async function guestOf({ db }: Host, { params }: Named) {
  const { number, orderToken } = params;
  const id = orderToken === undefined ? null : readToken(orderToken);
  const row = id === null ? undefined : await guests.find(db, id);
  if (!row || row.number !== spelled(number)) throw contract.error("NOT_FOUND");
  return row;
}

/** The request as its owner would make it, and the order's id as `id`. */
async function asOwner<Params extends Named["params"]>(host: Host, ctx: Ctx<Params>) {
  const { order_id: id, guest_id } = await guestOf(host, ctx);
  const { number: _1, orderToken: _2, ...rest } = ctx.params;
  return onBehalfOf(ctx, guest_id, { ...rest, id });
}

type Payment = Output<"order.getGuestPayment">;
const shownPayment = ({ id, status, amount, nextAction }: Output<"payment.get">): Payment => ({
  id,
  status,
  amount,
  nextAction,
});

/** @throws NOT_FOUND for an order without a payment */
async function paymentOf(host: Host, own: Ctx<{ readonly id: string }>): Promise<{ id: string }> {
  const { paymentId } = found(await find(host.db, own.params.id, userId(own)));
  return { id: found(paymentId ?? undefined) };
}

/** @throws NOT_FOUND without an account, EMAIL_UNVERIFIED */
async function verifiedEmail(ctx: Ctx, me: string): Promise<string> {
  const [contact] = (await ctx.call("user.contact", { ids: [me] })).items;
  if (!contact) throw contract.error("NOT_FOUND");
  if (!contact.emailVerified) throw contract.error("EMAIL_UNVERIFIED");
  return contact.email;
}

interface Claim {
  readonly number: string;
  /** The caller's own, verified. */
  readonly email: string;
  readonly me: string;
}

/** @throws NOT_FOUND, STALE_VERSION, NOT_CLAIMABLE for an order that is under way */
async function claim(this: Host, ctx: Ctx<Input<"order.claimGuest">>, tx: Tx, { number, email, me }: Claim) {
  const { version } = ctx.params;
  const check = (present: number) => {
    if (version !== undefined && version !== present) throw contract.error("STALE_VERSION");
  };
  // Of two at once, the second finds its own order.
  tx.lock(`claim:${number}`);
  const own = await guests.ownedBy(tx, number, me);
  if (own) {
    check(own.version);
    return own.id;
  }
  const row = found(await guests.claimable(tx, number, email));
  const before = await guests.give(tx, row, me);
  if (before === undefined) throw contract.error("NOT_CLAIMABLE");
  check(before);
  const told = { orderId: row.order_id, guestId: row.guest_id, number, userId: me };
  tx.add(note({ orderId: row.order_id, step: "claim", state: "done" }));
  tx.add(this.outbox.event(ctx, "order.claimed", `order:${row.order_id}`, told));
  await this.saga.handOver(tx, row.order_id, me, (input) => ({ ...input, userId: me }));
  return row.order_id;
}

const handlers = {
  quoteGuest(this: Host, ctx: Ctx<Input<"order.quoteGuest">>) {
    const { holder, own } = ofCart(ctx);
    return quoted.call(this, own, { holder });
  },

  async createGuest(this: Host, ctx: Ctx<Input<"order.createGuest">>) {
    const { holder, guestId, own } = ofCart(ctx);
    const { email } = ctx.params;
    const guest = { guestId, email, language: ctx.meta.language ?? "en" };
    const order = await placed.call(this, own, { holder, beside: (tx, { id }) => guests.add(tx, id, guest) });
    return { ...order, token: writeToken(order.id) };
  },

  async getGuest(this: Host, ctx: Ctx<Input<"order.getGuest">>) {
    const { order_id, guest_id } = await guestOf(this, ctx);
    return found(await find(this.db, order_id, guest_id));
  },

  async getGuestTimeline(this: Host, ctx: Ctx<Input<"order.getGuestTimeline">>) {
    const { order_id, guest_id } = await guestOf(this, ctx);
    return timeline(this, found(await find(this.db, order_id, guest_id)));
  },

  async getGuestPayment(this: Host, ctx: Ctx<Input<"order.getGuestPayment">>) {
    const own = await asOwner(this, ctx);
    return shownPayment(await own.call("payment.get", await paymentOf(this, own)));
  },

  async confirmGuestPayment(this: Host, ctx: Ctx<Input<"order.confirmGuestPayment">>) {
    const own = await asOwner(this, ctx);
    const key = withKey(`guest ${idempotencyKey(ctx)}`);
    try {
      return shownPayment(await own.call("payment.confirm", await paymentOf(this, own), key));
    } catch (error) {
      if (isError(error, "PAYMENT_DECLINED")) throw contract.error("PAYMENT_DECLINED");
      throw error;
    }
  },

  async cancelGuest(this: Host, ctx: Ctx<Input<"order.cancelGuest">>) {
    return cancelOrder.call(this, await asOwner(this, ctx));
  },

  async cancelGuestItems(this: Host, ctx: Ctx<Input<"order.cancelGuestItems">>) {
    return cancelling.cancelItems.call(this, await asOwner(this, ctx));
  },

  async createGuestReturn(this: Host, ctx: Ctx<Input<"order.createGuestReturn">>) {
    return returning.createReturn.call(this, await asOwner(this, ctx));
  },

  async listGuestReturns(this: Host, ctx: Ctx<Input<"order.listGuestReturns">>) {
    const own = await asOwner(this, ctx);
    const { id: order, ...paging } = own.params;
    return returning.listReturns.call(this, onBehalfOf(own, userId(own), { ...paging, order }));
  },

  async listGuestInvoices(this: Host, ctx: Ctx<Input<"order.listGuestInvoices">>) {
    return invoicesOfOrder(this, await asOwner(this, ctx));
  },

  async getGuestDocument(this: Host, ctx: Ctx<Input<"order.getGuestDocument">>) {
    const { order_id, guest_id } = await guestOf(this, ctx);
    return documentOfOrder(this, onBehalfOf(ctx, guest_id, { id: ctx.params.id }), order_id);
  },

  /** Nobody learns whether an order or an account exists: the address is the caller's own, and verified. */
  async claimGuest(this: Host, ctx: Ctx<Input<"order.claimGuest">>) {
    const [me, number] = [userId(ctx), spelled(ctx.params.number)];
    // Whoever has it already is asked for nothing.
    const isMine = (await guests.ownedBy(this.db, number, me)) !== undefined;
    const email = isMine ? "" : await verifiedEmail(ctx, me);
    const id = await this.idempotency.once(ctx, (tx: Tx) => claim.call(this, ctx, tx, { number, email, me }));
    return found(await find(this.db, id, me));
  },
} satisfies BlockHandlers<typeof block>;

export const guestOrders = (): Mixin => mixin({}, { name: "guestOrders", migrations: {}, handlers });
