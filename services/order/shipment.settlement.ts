/**
 * How a parcel moves, the only place where one does, and how the money for what is in it is captured first. Of an order that is captured
 * as it is sent, a move that sends is stored as a capture and a job; the parcel moves in the transaction in which the capture is
 * known. The capture's id is its key at the payment service, so it takes effect once, however often it is asked for.
 */
import type { Ctx } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import type { JobRun } from "#core/job-run.ts";
import { formatMoney } from "#core/money.ts";
import type { Write } from "#mixins/database/write.ts";
import type { ShipmentState } from "./answer.contract.ts";
import { isComplete, partBetween } from "./capture.model.ts";
import * as captures from "./capture.repository.ts";
import type { Line, Units } from "./fulfilment.model.ts";
import { type Held, hold, save } from "./fulfilment.repository.ts";
import type { CaptureRow, ShipmentRow } from "./fulfilment.tables.ts";
import { order as contract } from "./order.contract.ts";
import { found } from "./order.policy.ts";
import { findRow, note, type Tx } from "./order.repository.ts";
import { keptBetween } from "./refund.model.ts";
import { giveUp, type Host } from "./refund.settlement.ts";
import { isNews, type Move, moved } from "./shipment.model.ts";
import * as shipments from "./shipment.repository.ts";

/** Milliseconds until the job asks again, in case the node of the request has died. */
const AFTER_REQUEST = 10_000;

/** Refusals of a capture after which it is certain that it has not happened and never will. */
const refusals = ["CAPTURE_REFUSED", "AUTHORIZATION_EXPIRED", "CANCELLED", "DECLINED", "CAPTURE_EXCEEDED", "NOT_FOUND"];

interface Standing extends Held {
  readonly row: ShipmentRow;
  readonly units: readonly Units[];
  /** The capture for which it waits. */
  readonly waiting?: CaptureRow | undefined;
}

/** A shipment with its order, which this transaction alone may change. @throws NOT_FOUND, NOT_SHIPPABLE, STALE_VERSION */
export async function standing(tx: Tx, id: string, version?: number): Promise<Standing> {
  const { order_id } = found(await shipments.find(tx, id, null));
  const held = await hold(tx, order_id);
  // It may have been changed while this transaction waited for the order.
  const row = found(await shipments.find(tx, id, null));
  if (version !== undefined && version !== row.version) throw contract.error("STALE_VERSION");
  const waiting = held.taken ? await captures.pendingOf(tx, id) : undefined;
  return { ...held, row, units: await shipments.units(tx, id), waiting };
}

const events = {
  ship: "order.shipped",
  deliver: "order.delivered",
  lose: "order.delivery_failed",
} as const satisfies Record<Move, string>;

/** Tells of a move, under the cause of the request. */
function told(host: Host, ctx: Ctx, { order, lines, row, units }: Standing, move: Move, after: readonly Line[]) {
  const names = new Map(lines.map(({ product_id, name }) => [product_id, name]));
  return host.outbox.event(ctx, events[move], `order:${order.id}`, {
    orderId: order.id,
    userId: order.user_id,
    ...(order.number !== null && { number: order.number }),
    shipmentId: row.id,
    ...(row.carrier !== null && { carrier: row.carrier }),
    ...(row.tracking_number !== null && { trackingNumber: row.tracking_number }),
    items: units.map((one) => ({ ...one, name: names.get(one.productId)! })),
    ...(move === "deliver" && {
      paid: { amount: keptBetween(lines, after, order), currency: order.currency },
    }),
  });
}

interface Advanced {
  readonly row: ShipmentRow;
  /** The capture for which the shipment waits. */
  readonly captureId?: string;
}

/** Stores a shipment as it is going to be, with all that follows from its moves; or the capture without which it does not move. */
export function advance(
  host: Host,
  ctx: Ctx,
  tx: Tx,
  before: Standing,
  to: ShipmentState,
  delay = AFTER_REQUEST,
): Advanced {
  const { row, waiting, taken } = before;
  if (waiting && to !== "packed") {
    if (waiting.target !== to && isNews({ ...row, state: waiting.target! }, to))
      tx.add(captures.follow(waiting.id, to));
    return { row, captureId: waiting.id };
  }
  const next = moved(row, to, before.lines, before.units);
  if (!taken || !next.moves.includes("ship")) return { row: send(host, ctx, tx, before, to) };
  const { amount, isFinal } = partBetween(before.lines, next.lines, before.order, taken);
  // Nothing is left to capture of a payment that was captured as a whole, or of units that cost nothing.
  if (amount === 0) return { row: send(host, ctx, tx, before, to) };
  const { id, writes } = captures.claim({
    order_id: row.order_id,
    shipment_id: row.id,
    target: to as CaptureRow["target"],
    amount,
    is_final: isFinal ? 1 : 0,
  });
  tx.add(...writes, host.jobs.add("takePayment", { id }, { key: id, delay }));
  return { row, captureId: id };
}

function send(host: Host, ctx: Ctx, tx: Tx, before: Standing, to: ShipmentState): ShipmentRow {
  const { row, lines, moves } = moved(before.row, to, before.lines, before.units);
  if (moves.length === 0) return row;
  tx.add(...save(before, lines));
  for (const move of moves) tx.add(told(host, ctx, { ...before, row }, move, lines));
  tx.add(note({ orderId: row.order_id, step: "shipment", state: to, detail: row.id }));
  let left = before.taken?.uncaptured ?? 0;
  if (to === "lost") {
    const items = before.units.map((one) => ({ ...one, isScrap: true }));
    const given = giveUp(host, before, lines, "shipment_lost", items);
    tx.add(...given.writes);
    left -= given.uncaptured;
  }
  tx.add(...takeRest(host, before, lines, left));
  return row;
}

/**
 * Captures what is left when nothing can be sent any more, because the last units were cancelled or two parcels were sent at once, and
 * releases the rest of the authorization. Nothing to do for an order of which all was captured.
 * @param lines of the held order as they are going to be
 * @param left minor units that are not captured then
 */
export function takeRest(
  { jobs }: Pick<Host, "jobs">,
  held: Held,
  lines: readonly Line[],
  left: number,
): readonly Write[] {
  const isEnded = isComplete(held.lines) || !isComplete(lines);
  if (!held.taken || held.taken.isFinal || isEnded) return [];
  const none = { shipment_id: null, target: null };
  const { id, writes } = captures.claim({ order_id: held.order.id, ...none, amount: left, is_final: 1 });
  return [...writes, jobs.add("takePayment", { id }, { key: id })];
}

/** The outcome is known later; the job asks again. */
class Pending extends Error {
  override message = "The payment provider has not confirmed the capture yet.";
}

/** Handler of the job. */
export async function takePayment(this: Host, { input, ctx }: JobRun<{ id: string }>): Promise<void> {
  if ((await take(this, ctx, input.id)) === "pending") throw new Pending();
}

/** Captures now what a shipment waits for. @throws CAPTURE_REFUSED with the reason, CAPTURE_PENDING while that is unknown */
export async function takeNow(host: Host, ctx: Ctx, id: string): Promise<void> {
  const outcome = await take(host, ctx, id).catch((error: unknown) => {
    host.logger.warn(`The capture ${id} is tried again later: ${(error as Error).message}`);
    return "pending";
  });
  if (outcome === "pending") throw contract.error("CAPTURE_PENDING");
  if (outcome !== "done") throw contract.error("CAPTURE_REFUSED", { reason: outcome });
}

/** Answers `done`, `pending`, or the code of the refusal. */
async function take(host: Host, ctx: Ctx, id: string): Promise<string> {
  const capture = (await captures.find(host.db, id))!;
  if (capture.state !== "pending") return capture.reason ?? "done";
  const outcome = await ask(host, ctx, capture);
  if (outcome === "pending") return outcome;
  return host.db.write((tx) => end(host, ctx, tx, id, outcome));
}

async function ask(host: Host, ctx: Ctx, capture: CaptureRow): Promise<string> {
  const { id: captureId, order_id: orderId, amount, is_final } = capture;
  // Another parcel's capture takes the money for this one with it.
  if (amount === 0 && is_final === 0) return (await captures.isFinalPending(host.db, orderId)) ? "pending" : "done";
  const { currency } = (await host.db.one(findRow, { id: orderId }))!;
  try {
    const part = { amount: { amount, currency }, ...(is_final === 1 && { final: true }) };
    const { status } = await ctx.call("payment.capture", { orderId, captureId, ...part });
    return status === "succeeded" ? "done" : "pending";
  } catch (error) {
    if (isError(error, "PAYMENT_CAPTURE_ONCE")) return ask(host, ctx, await widened(host, capture));
    if (amount === 0 && isError(error, "PAYMENT_CAPTURE_EXCEEDED")) return "done";
    const refusal = refusals.map((code) => `PAYMENT_${code}`).find((code) => isError(error, code));
    if (refusal) return refusal;
    // Nothing of what was sent had a price: the authorization is given up as a whole.
    if (!(amount === 0 && isError(error, "VALIDATION_FAILED"))) throw error;
    await ctx.call("payment.reverse", { orderId, reason: "nothing_owed" });
    return "done";
  }
}

/** A payment that is captured only once is captured as a whole with the first parcel, and with it what others wait for. */
async function widened(host: Host, { id, order_id }: CaptureRow): Promise<CaptureRow> {
  await host.db.write(async (tx) => {
    const { taken } = await hold(tx, order_id);
    const capture = await captures.find(tx, id);
    const isFirst = capture?.is_final === 0 && !taken!.isFinal && !(await captures.isFinalPending(tx, order_id));
    if (isFirst) tx.add(...(await captures.widen(tx, capture, taken!.uncaptured)));
  });
  return (await captures.find(host.db, id))!;
}

/** Stores the outcome, and sends the parcel that waits for it. */
async function end(host: Host, ctx: Ctx, tx: Tx, id: string, outcome: string): Promise<string> {
  const { order_id: orderId } = (await captures.find(tx, id))!;
  let held: Held;
  try {
    held = await hold(tx, orderId);
  } catch (error) {
    if (!isError(error, "ORDER_NOT_SHIPPABLE")) throw error;
    // The order is being cancelled, and all its money given back by that.
    tx.add(captures.end(id, "failed", "ORDER_CANCELLED"));
    return "ORDER_CANCELLED";
  }
  const capture = (await captures.find(tx, id))!;
  if (capture.state !== "pending") return capture.reason ?? "done";
  const money = formatMoney({ amount: capture.amount, currency: held.order.currency }, "en");
  if (outcome !== "done") {
    tx.add(captures.end(id, "failed", outcome), captures.reduce(orderId, -capture.amount));
    tx.add(note({ orderId, step: "capture", state: "refused", detail: `${money}, ${outcome}` }));
    tx.afterCommit(() => host.logger.error(`${money} of the order ${orderId} were not captured: ${outcome}.`));
    return outcome;
  }
  tx.add(captures.end(id, "done"), note({ orderId, step: "capture", state: "done", detail: money }));
  if (capture.shipment_id === null) return outcome;
  const row = send(host, ctx, tx, await standing(tx, capture.shipment_id), capture.target!);
  tx.add(shipments.update({ ...row, version: row.version + 1 }));
  return outcome;
}
