/** Finds the order of a request: the one that the same request has placed before, or a new one. */
import { now } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, idempotencyKey, userId } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import { requestHash } from "#core/request-hash.ts";
import type { Write } from "#mixins/database/write.ts";
import { requireReachable } from "#mixins/node/reachable.ts";
import type { Order } from "./answer.contract.ts";
import type { Holder } from "./cart.model.ts";
import { emptied } from "./cart.repository.ts";
import { config } from "./order.config.ts";
import { found } from "./order.policy.ts";
import { checkCoupons } from "./discount.model.ts";
import { checkPoints } from "./point.model.ts";
import { checkPaymentMethod, checkQuote, newOrder } from "./order.model.ts";
import { price, requested } from "./order.pricing.ts";
import { type Answer, orderIn } from "./order.projection.ts";
import * as orders from "./order.repository.ts";
import { type Host, numberIn, pointsIn } from "./order.saga.ts";
import type { PlaceOrder } from "./placement.model.ts";
import * as placements from "./placement.repository.ts";
import type { Request } from "./placement.repository.ts";
import * as quotes from "./quote.repository.ts";

/** An order, and the answer to its request if that is known already. */
interface Placed {
  readonly id: string;
  readonly answer?: Answer | undefined;
}

interface Placing {
  /** Whose cart it is placed from. */
  readonly holder: Holder;
  /** What is stored beside the order, in its transaction. */
  readonly beside?: (tx: orders.Tx, order: Order) => Promise<void>;
}

type Asking = Ctx<Input<"order.create">>;
const own = (ctx: Ctx): Placing => ({ holder: { userId: userId(ctx) } });

/** What a basket would cost. @throws the errors of the contract for a request that cannot become an order */
export async function quoted(
  this: Host,
  ctx: Ctx<Input<"order.quote">>,
  { holder }: Placing = own(ctx),
): Promise<Output<"order.quote">> {
  const first = await this.idempotency.replay(ctx);
  if (first) return first as Output<"order.quote">;
  const { country, coupons: codes = [], points, titles = [] } = ctx.params;
  const asked = { items: await requested(this.db, ctx, holder), titles, country, codes, points };
  const priced = await price(this.db, ctx, asked);
  checkCoupons(priced);
  const quote = { id: newId(), ...priced, country, codes, points, expiresAt: now() + config.ORDER_QUOTE_TTL };
  return this.idempotency.once(ctx, async (tx) => {
    quotes.insert(tx, userId(ctx), quote);
    return quotes.toQuote(quote);
  });
}

/** The input that nodes of the release before expect in every saga. */
const NO_CLAIM: PlaceOrder["claim"] = { scope: "", key: "" };

/** Begins the saga in the transaction that inserts the order, because neither may exist without the other. */
function begin(
  this: Host,
  ctx: Ctx<Pick<Input<"order.create">, "paymentMethod" | "cart">>,
  order: Order,
  request: Request,
  holder: Holder,
): readonly Write[] {
  const { userId } = request;
  const { id, shipping, tax, total, items } = order;
  const number = numberIn(order);
  return [
    ...placements.insert(request, order, config.ORDER_CAPTURE === "shipment"),
    ...(ctx.params.cart ? emptied(holder, ctx.params.cart.version) : []),
    // Nodes of the release before find the key there: they answer the order as it was placed.
    this.idempotency.mark(
      ctx,
      { hash: request.hash, answer: { order } satisfies Answer },
      () => new placements.KeyTaken(),
    ),
    this.outbox.event(ctx, "order.placed", `order:${id}`, {
      orderId: id,
      userId,
      ...number,
      shipping,
      tax,
      total,
      ...pointsIn(order),
      items,
    }),
    this.saga.begin({
      id,
      userId,
      correlationId: ctx.requestID,
      patience: config.ORDER_PATIENCE,
      input: { order, userId, paymentMethod: ctx.params.paymentMethod, claim: NO_CLAIM, ...capturing() },
    }),
  ];
}

/** The setting as it is now: an order keeps it. */
const capturing = (): Pick<PlaceOrder, "capture"> =>
  config.ORDER_CAPTURE === "order" ? {} : { capture: config.ORDER_CAPTURE };

/** The order of this request when its saga rests, or in its present state when that takes too long. @throws its refusal */
export async function placed(this: Host, ctx: Asking, placing: Placing = own(ctx)): Promise<Order> {
  const { id, answer: known } = await place.call(this, ctx, placing);
  const answer = known ?? ((await this.saga.settled(id, config.ORDER_ANSWER_BUDGET)).outcome as Answer | undefined);
  if (answer) return orderIn(answer);
  const { order, answer: ended } = found(await orders.findPlaced(this.db, id));
  return ended ? orderIn(ended) : order;
}

/**
 * Places the order of this request, unless it was placed before.
 * @throws IDEMPOTENCY_KEY_REUSED, and the errors of the contract
 */
async function place(this: Host, ctx: Asking, { holder, beside }: Placing): Promise<Placed> {
  const request = { userId: userId(ctx), key: idempotencyKey(ctx), hash: requestHash(ctx.params) };
  let order: Order;
  try {
    order = await draft.call(this, ctx, holder);
  } catch (error) {
    // A known key gets its former answer, whatever has changed in the shop since. Nearly every key is new, so this
    // comes last.
    const known = await earlier.call(this, ctx, request);
    if (!known) throw error;
    return known;
  }
  for (;;) {
    try {
      await this.db.write(async (tx) => {
        tx.add(...begin.call(this, ctx, order, request, holder));
        await beside?.(tx, order);
      });
      return order;
    } catch (error) {
      if (!(error instanceof placements.KeyTaken)) throw error;
    }
    const known = await earlier.call(this, ctx, request);
    if (known) return known;
    await placements.dropOld(this.db, request);
  }
}

/** The order that this request has placed before. @throws IDEMPOTENCY_KEY_REUSED when another request used the key */
async function earlier(this: Host, ctx: Ctx, request: Request): Promise<Placed | undefined> {
  const id = await placements.find(this.db, request);
  const known =
    id === undefined
      ? await placedByReleaseBefore.call(this, ctx, request)
      : { id, answer: (await orders.findPlaced(this.db, id))?.answer };
  if (known) ctx.meta["$replayed"] = true;
  return known;
}

/** Nodes of the release before store a key and its answer apart from the order, whose saga names the key. */
async function placedByReleaseBefore(
  this: Host,
  ctx: Ctx,
  { userId: user, key }: Request,
): Promise<Placed | undefined> {
  try {
    const answer = (await this.idempotency.replay(ctx)) as Answer | undefined;
    if (!answer) return undefined;
    const order = orderIn(answer);
    // This release stores only the order's id there for them.
    return order.status === "pending" ? order : { id: order.id, answer };
  } catch (error) {
    if (!isError(error, "IDEMPOTENCY_IN_PROGRESS")) throw error;
    const first = (await this.saga.unfinished(user)).find(({ input }) => input.claim.key === key);
    if (!first) throw error;
    return first;
  }
}

/** The order as it would be placed now. @throws the errors of the contract for a request that cannot become an order */
async function draft(this: Host, ctx: Asking, holder: Holder): Promise<Order> {
  const { quoteId, shippingAddress, note, paymentMethod, coupons: codes = [], points, titles = [] } = ctx.params;
  checkPaymentMethod(paymentMethod);
  // Otherwise its stock would be held for an unknown time.
  requireReachable(this.broker, "payment.authorize");
  const wanted = await requested(this.db, ctx, holder);
  const asked = { items: wanted, titles, country: shippingAddress.country, codes, points };
  const priced = await price(this.db, ctx, asked);
  if (quoteId) checkQuote(await quotes.find(this.db, quoteId, userId(ctx)), priced, codes, points);
  else {
    checkCoupons(priced);
    checkPoints(priced);
  }
  const { items, charges } = priced;
  const number = await this.numbers.next();
  return newOrder({ number, items, ...charges, shippingAddress, ...(note !== undefined && { note }) });
}
