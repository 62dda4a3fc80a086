/**
 * What is given back of an order in part. Whoever gives units up stores a refund and a job in the same transaction; the job
 * takes the goods back into stock and the money back to the customer, each once, however often it is begun again.
 */
import type { Ctx } from "#core/context.ts";
import type { Output } from "#core/contract.ts";
import type { JobRun } from "#core/job-run.ts";
import { formatMoney } from "#core/money.ts";
import type { Money } from "#core/schema.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Jobs } from "#mixins/jobs/jobs.mixin.ts";
import { uncapturedOf } from "./capture.model.ts";
import { reduce } from "./capture.repository.ts";
import { isFilm, type Line } from "./fulfilment.model.ts";
import type { Held } from "./fulfilment.repository.ts";
import { creditDisputed, type Host as Issuing } from "./invoice.settlement.ts";
import type { order as contract } from "./order.contract.ts";
import type { RefundRow } from "./fulfilment.tables.ts";
import { findRow, note } from "./order.repository.ts";
import type { Host as SagaHost } from "./order.saga.ts";
import { owedBetween, type RefundReason } from "./refund.model.ts";
import * as refunds from "./refund.repository.ts";
import { refunded } from "./return.repository.ts";

export type Host = SagaHost & Issuing & { readonly jobs: Jobs<(typeof contract)["jobs"]> };

interface Begun {
  readonly refundId: string;
  readonly amount: Money;
  /** Absent without any. */
  readonly points?: number;
  /** The part of the amount, in minor units, that was never captured. */
  readonly uncaptured: number;
  readonly writes: readonly Write[];
}

/**
 * What is owed for the units that `after` has given up, and the writes that make sure that it is paid.
 * @param after the lines of the held order as they are going to be
 */
export function giveUp(
  { jobs }: Pick<Host, "jobs">,
  { order, lines, taken }: Held,
  after: readonly Line[],
  reason: RefundReason,
  items: readonly refunds.GivenUp[],
): Begun {
  const owed = owedBetween(lines, after, order);
  const uncaptured = taken ? uncapturedOf(reason, owed.amount, taken) : 0;
  const { id, write } = refunds.insert(order.id, reason, items, { ...owed, uncaptured });
  const { currency } = order;
  return {
    refundId: id,
    amount: { amount: owed.amount, currency },
    ...(owed.points > 0 && { points: owed.points }),
    uncaptured,
    writes: [
      write,
      jobs.add("giveBack", { id }, { key: id }),
      ...(uncaptured > 0 ? [reduce(order.id, uncaptured)] : []),
    ],
  };
}

/**
 * What is owed for the units that were cancelled, and for the films that were taken back, which are captured already: each is a refund of
 * its own.
 */
export function giveUpAll(host: Pick<Host, "jobs">, held: Held, after: Held["lines"]): Omit<Begun, "refundId"> {
  const { currency } = held.order;
  const goods = held.lines.map((line, at) => (isFilm(line) ? line : after[at]!));
  const first = giveUp(host, held, goods, "items_cancelled", changed(held.lines, goods));
  const films = changed(goods, after);
  if (films.length === 0) return first;
  const taken = held.taken && { ...held.taken, uncaptured: held.taken.uncaptured - first.uncaptured };
  const then = giveUp(host, { ...held, lines: goods, taken }, after, "items_returned", films);
  const isOnlyFilms = changed(held.lines, goods).length === 0;
  const points = (first.points ?? 0) + (then.points ?? 0);
  return {
    amount: { amount: first.amount.amount + then.amount.amount, currency },
    ...(points > 0 && { points }),
    uncaptured: first.uncaptured + then.uncaptured,
    writes: [...(isOnlyFilms ? [] : first.writes), ...then.writes],
  };
}

function changed(before: Held["lines"], after: readonly Line[]): refunds.GivenUp[] {
  return before.flatMap((line, at) => {
    const quantity = after[at]!.cancelled - line.cancelled + after[at]!.returned - line.returned;
    const title = line.title === null ? {} : { title: (JSON.parse(line.title) as { kind: "buy" | "rent" }).kind };
    return quantity > 0 ? [{ productId: line.product_id, quantity, isScrap: false, ...title }] : [];
  });
}

/** The refund is pending until the provider has answered. */
class Pending extends Error {
  override message = "The payment provider has not confirmed the refund yet.";
}

export async function giveBack(this: Host, { input, ctx }: JobRun<{ id: string }>): Promise<{ writes: Write[] }> {
  const refund = await refunds.find(this.db, input.id);
  if (refund?.state !== "pending") return { writes: [] };
  const { id, order_id: orderId, reason, points } = refund;
  const { user_id: userId, currency } = (await this.db.one(findRow, { id: orderId }))!;
  await takeBack(ctx, userId, refund);
  if (points > 0) await ctx.call("user.refundBenefits", { orderId, refundId: id, points });
  const owed = { amount: refund.amount - refund.uncaptured, currency };
  const { amount, disputed, status } = await payBack(ctx, refund, owed);
  if (status === "pending") throw new Pending();
  if (disputed) await this.db.write((tx) => creditDisputed(this, tx, orderId, { id, amount: disputed.amount }));
  if (status === "failed") this.logger.error(`The provider refused the refund ${id} of the order ${orderId}.`);
  const state = status === "succeeded" ? "done" : "failed";
  const detail = `${formatMoney(amount, "en")}, ${reason}`;
  // Of what was never captured, its cancellation has told already.
  const isTold = refund.uncaptured === 0 || amount.amount > 0 || points > 0;
  const told = { orderId, userId, refundId: id, amount, ...(points > 0 && { points }), reason };
  return {
    writes: [
      refunds.end(id, state),
      ...(state === "done" ? [refunded(id)] : []),
      note({ orderId, step: "giveBack", state, detail }),
      ...(state === "done" && isTold ? [this.outbox.event(ctx, "order.refunded", `order:${orderId}`, told)] : []),
    ],
  };
}

/** Goods go back into stock, and films are nobody's any more. */
async function takeBack(ctx: Ctx<null>, userId: string, refund: RefundRow): Promise<void> {
  const { id, order_id: orderId, reason } = refund;
  const all = refunds.itemsOf(refund);
  const items = all.filter(({ title }) => title === undefined);
  const titles = all.flatMap(({ productId: videoId, title: kind }) => (kind ? [{ videoId, kind }] : []));
  if (items.length > 0) await ctx.call("product.releaseItems", { orderId, releaseId: id, items, reason });
  if (titles.length > 0) await ctx.call("account.releaseTitles", { orderId, userId, titles });
}

/** What costs nothing is not refunded. */
async function payBack(
  ctx: Ctx<null>,
  { id, order_id: orderId, reason }: RefundRow,
  amount: Money,
): Promise<Output<"payment.refundPart">> {
  if (amount.amount === 0) return { amount, status: "succeeded" };
  return ctx.call("payment.refundPart", { orderId, refundId: id, amount, reason });
}
