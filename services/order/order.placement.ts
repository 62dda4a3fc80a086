/** How a request to place an order gets its order: the one that it has made before, or a new one. */
import type { Input } from "#core/contract.ts";
import { type Ctx, idempotencyKey, userId } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import { requestHash } from "#mixins/idempotency/idempotency.mixin.ts";
import { requireReachable } from "#mixins/node/reachable.ts";
import type { Order } from "./order.contract.ts";
import { checkPaymentMethod, checkQuote, newOrder } from "./order.model.ts";
import { price } from "./order.pricing.ts";
import { type Answer, orderIn } from "./order.projection.ts";
import * as orders from "./order.repository.ts";
import { begin, type Host } from "./order.saga.ts";
import * as placements from "./placement.repository.ts";
import type { Request } from "./placement.repository.ts";
import * as quotes from "./quote.repository.ts";

/** An order, and what its request is answered if that is known already. */
interface Placed {
  readonly id: string;
  readonly answer?: Answer | undefined;
}

/**
 * The order of this request: it is placed, or it has been placed before.
 * @throws IDEMPOTENCY_KEY_REUSED, and what the contract says
 */
export async function place(this: Host, ctx: Ctx<Input<"order.create">>): Promise<Placed> {
  const request = { userId: userId(ctx), key: idempotencyKey(ctx), hash: requestHash(ctx.params) };
  let order: Order;
  try {
    order = await draft.call(this, ctx);
  } catch (error) {
    // What its key has been answered counts, whatever the shop has come to since. Nearly every key is new: asked last.
    const known = await earlier.call(this, ctx, request);
    if (!known) throw error;
    return known;
  }
  for (;;) {
    try {
      await this.db.write(async (tx) => tx.add(...begin.call(this, ctx, order, request)));
      return order;
    } catch (error) {
      if (!(error instanceof placements.KeyTaken)) throw error;
    }
    const known = await earlier.call(this, ctx, request);
    if (known) return known;
    await placements.dropOld(this.db, request);
  }
}

/** The order that this request has made before. @throws IDEMPOTENCY_KEY_REUSED when that was another request */
async function earlier(this: Host, ctx: Ctx, request: Request): Promise<Placed | undefined> {
  const id = await placements.find(this.db, request);
  const known =
    id === undefined
      ? await placedByReleaseBefore.call(this, ctx, request)
      : { id, answer: (await orders.findPlaced(this.db, id))?.answer };
  if (known) ctx.meta["$replayed"] = true;
  return known;
}

/** Nodes of the release before keep a key and its answer apart from the order, whose saga names the key. */
async function placedByReleaseBefore(
  this: Host,
  ctx: Ctx,
  { userId: user, key }: Request,
): Promise<Placed | undefined> {
  try {
    const answer = (await this.idempotency.replay(ctx)) as Answer | undefined;
    if (!answer) return undefined;
    const order = orderIn(answer);
    // What this release leaves there for them says only which order it is.
    return order.status === "pending" ? order : { id: order.id, answer };
  } catch (error) {
    if (!isError(error, "IDEMPOTENCY_IN_PROGRESS")) throw error;
    const first = (await this.saga.unfinished(user)).find(({ input }) => input.claim.key === key);
    if (!first) throw error;
    return first;
  }
}

/** The order as it would be placed now. @throws what the contract says of a request that cannot be an order */
async function draft(this: Host, ctx: Ctx<Input<"order.create">>): Promise<Order> {
  const { items: requested, quoteId, shippingAddress, paymentMethod } = ctx.params;
  checkPaymentMethod(paymentMethod);
  // Its stock would be held for nobody knows how long.
  requireReachable(this.broker, "payment.authorize");
  const { items, total } = await price(ctx, requested);
  if (quoteId) checkQuote(await quotes.find(this.db, quoteId, userId(ctx)), items);
  return newOrder(items, total, shippingAddress);
}
