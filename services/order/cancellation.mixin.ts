/** Handlers of cancellations: of some units of an order, which becomes that of the whole when nothing else is left. */
import { type Ctx, ownerOf } from "#core/context.ts";
import type { EventData, Input } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { required } from "#mixins/database/write.ts";
import type { Order } from "./answer.contract.ts";
import * as captures from "./capture.repository.ts";
import type { cancellations as block } from "./cancellation.contract.ts";
import { isFilm, type Line, move, open } from "./fulfilment.model.ts";
import { closing, type Held, hold, save } from "./fulfilment.repository.ts";
import { config } from "./order.config.ts";
import { order as contract } from "./order.contract.ts";
import { cancelledBy } from "./order.model.ts";
import { found, visible } from "./order.policy.ts";
import { find, findRow, note, type Tx } from "./order.repository.ts";
import type { Host as SagaHost } from "./order.saga.ts";
import { moves } from "./order.transition.ts";
import { captureIdOf, ownedIn } from "./title.model.ts";
import { giveUpAll, type Host } from "./refund.settlement.ts";
import { takeRest } from "./shipment.settlement.ts";

const close = closing(moves.cancel.from);
const closeUngranted = closing(["pending", "needs_attention"]);

const whoIs = (ctx: Ctx): "shop" | "customer" => (ownerOf(ctx) === null ? "shop" : "customer");

/**
 * The whole order is cancelled by undoing its saga. From now on nothing of it is packed. A film that was granted may have been
 * watched, so only staff take it back.
 */
function cancelWhole({ saga }: Pick<SagaHost, "saga">, ctx: Ctx, tx: Tx, { id, status, items }: Order) {
  const who = whoIs(ctx);
  const [isSold, films] = [moves.cancel.from.includes(status), ownedIn(items)];
  const isFilmKept = who === "customer" && films.length > 0;
  const refusal = () => (isFilmKept && isSold ? granted(films) : contract.error("NOT_CANCELLABLE", { status }));
  tx.add(saga.undo(id, cancelledBy(who)), required((isFilmKept ? closeUngranted : close).with({ id }), refusal));
}

const granted = (films: readonly { readonly productId: string }[]): Error =>
  contract.error("TITLE_GRANTED", { videoIds: films.map(({ productId }) => productId) });

/**
 * The authorization of an order's payment has expired. When nothing was sent of an order that is captured as it is sent, nothing can be captured
 * any more, so it is undone. What was sent in part stays as it is, and the rest is not sent, because its capture is refused.
 */
export async function whenExpired(
  this: Pick<SagaHost, "saga">,
  { data: { orderId: id, purpose } }: Envelope<EventData<"payment.expired">>,
  tx: Tx,
): Promise<void> {
  if (purpose === "invoice") return;
  tx.add(note({ orderId: id, step: "payment", state: "expired" }));
  const row = await tx.one(findRow, { id });
  if (row === undefined || row.uncaptured === null) return;
  // Its films were captured and granted, so it stays as one that was sent in part.
  if (await captures.find(tx, captureIdOf(id))) return;
  if ((await tx.run(close, { id })) === 0) return;
  const message = "The payment's authorization expired before the order was sent";
  tx.add(this.saga.undo(id, { code: "PAYMENT_AUTHORIZATION_EXPIRED", message }));
}

/** The order as soon as its saga rests, or in its present state when that takes too long. */
export async function whenSettled(this: SagaHost, id: string): Promise<Order> {
  await this.saga.settled(id, config.ORDER_ANSWER_BUDGET);
  return found(await find(this.db, id, null));
}

/** An order of which nothing was sent, and nothing is left. */
const isNothingLeft = (status: Order["status"], lines: readonly Line[]): boolean =>
  status === "confirmed" &&
  lines.every((line) => (isFilm(line) ? line.returned === line.quantity : open(line) === 0 && line.packed === 0));

export async function cancelOrder(this: SagaHost, ctx: Ctx<Input<"order.cancel">>): Promise<Order> {
  const { id } = ctx.params;
  await this.idempotency.once(ctx, async (tx: Tx) => {
    const seen = await visible(tx, id, ctx);
    if (seen.status !== "cancelled") cancelWhole(this, ctx, tx, seen);
  });
  return whenSettled.call(this, id);
}

export const handlers = {
  async cancelItems(this: Host, ctx: Ctx<Input<"order.cancelItems">>): Promise<Order> {
    const { id, items } = ctx.params;
    await this.idempotency.once(ctx, async (tx: Tx) => {
      const seen = await visible(tx, id, ctx);
      const held = await hold(tx, id);
      const films = ownedIn(seen.items).filter(({ productId }) => items.some((one) => one.productId === productId));
      if (films.length > 0 && whoIs(ctx) === "customer") throw granted(films);
      const lines = move(held.lines, items, "cancel");
      if (isNothingLeft(held.order.status, lines)) cancelWhole(this, ctx, tx, seen);
      else cancelPart(this, ctx, tx, held, lines, items);
    });
    return whenSettled.call(this, id);
  },
} satisfies BlockHandlers<typeof block>;

function cancelPart(
  host: Host,
  ctx: Ctx,
  tx: Tx,
  held: Held,
  lines: Held["lines"],
  items: Input<"order.cancelItems">["items"],
): void {
  const { order } = held;
  const units = held.lines.flatMap((line, index) => {
    const { product_id: productId, name, cancelled, returned } = line;
    const quantity = lines[index]!.cancelled - cancelled + lines[index]!.returned - returned;
    return quantity > 0 ? [{ productId, name, quantity }] : [];
  });
  const { uncaptured, writes, ...owed } = giveUpAll(host, held, lines);
  tx.add(...save(held, lines), ...writes);
  tx.add(...takeRest(host, held, lines, (held.taken?.uncaptured ?? 0) - uncaptured));
  tx.add(note({ orderId: order.id, step: "cancellation", state: "done", detail: `${items.length}` }));
  const number = order.number === null ? {} : { number: order.number };
  const told = { orderId: order.id, userId: order.user_id, ...number, items: units, ...owed, by: whoIs(ctx) };
  tx.add(host.outbox.event(ctx, "order.items_cancelled", `order:${order.id}`, told));
}

export const cancelling = (): Mixin => mixin({}, { name: "cancellations", migrations: {}, handlers });
