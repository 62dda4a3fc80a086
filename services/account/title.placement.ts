/** How a film is bought or rented: it is granted once, when its invoice is paid. */
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import { HOUR, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Money } from "#core/schema.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import * as accounts from "./account.repository.ts";
import type { TitleRow, Tx } from "./account.tables.ts";
import { lineOf } from "./invoice.model.ts";
import { type Host, issue, pay } from "./invoice.settlement.ts";
import type { Purchase } from "./title.contract.ts";
import * as titles from "./title.repository.ts";

type Buying = Ctx<Input<"account.buy">>;
export type Offer = Output<"content.offer">;

export const toPurchase = (row: TitleRow): Purchase => ({
  id: row.id,
  videoId: row.video_id,
  kind: row.kind,
  status: row.status,
  invoiceId: (row.invoice_id ?? row.order_id)!,
  until: row.until === null ? null : timestamp(row.until),
  createdAt: row.created_at,
  ...(row.order_id !== null && { orderId: row.order_id }),
});

interface Wish {
  readonly videoId: string;
  readonly kind: TitleRow["kind"];
}

/** A film as it is sold. */
export interface Sale {
  readonly name: string;
  readonly price: Money;
  /** For which it is rented. */
  readonly hours: number | null;
  readonly offer: Offer;
}

/** @throws NOT_OFFERED, NOT_AVAILABLE */
export async function saleOf(ctx: Ctx, { videoId, kind }: Wish, region: string | null): Promise<Sale> {
  const offer = await offerOf(ctx, videoId, region);
  const price = offer[kind];
  const hours = kind === "rent" ? offer.rentHours : null;
  if (price === null || (kind === "rent" && hours === null)) throw account.error("NOT_OFFERED", { videoId });
  requireTime(offer, hours);
  return { name: hours === null ? offer.title : `${offer.title} (${hours} h)`, price, hours, offer };
}

async function offerOf(ctx: Ctx, videoId: string, region: string | null): Promise<Offer> {
  try {
    return await ctx.call("content.offer", { videoId, region });
  } catch (error) {
    if (isError(error, "NOT_FOUND")) throw account.error("NOT_OFFERED", { videoId });
    if (isError(error, "CONTENT_NOT_AVAILABLE")) throw account.error("NOT_AVAILABLE", { videoId });
    throw error;
  }
}

/**
 * Nothing is sold that cannot be watched once it is paid, which may take a while: a rental for all its hours.
 * The time is the real one also on an account with a test clock, since rights know no other.
 * @throws NOT_AVAILABLE
 */
function requireTime(offer: Offer, hours: number | null): void {
  const { latest = Infinity } = latestOf(offer, hours);
  const { videoId, until } = offer;
  if (latest < now() + config.ACCOUNT_PATIENCE) throw account.error("NOT_AVAILABLE", { videoId, until });
}

/** Until when it must be paid, in milliseconds since the epoch; nothing where its rights do not end. */
export const latestOf = ({ until }: Pick<Offer, "until">, hours: number | null): { latest?: number } =>
  until === null ? {} : { latest: Date.parse(until) - (hours ?? 0) * HOUR };

async function place(this: Host, ctx: Buying, tx: Tx, { name, price, hours, offer }: Sale): Promise<string> {
  const { videoId, kind, paymentMethod } = ctx.params;
  const user = userId(ctx);
  accounts.lock(tx, user);
  const own = await accounts.find(tx, user);
  tx.add(titles.endRentals(user, videoId, own.now));
  if (await titles.granted(tx, user, videoId, own.now)) throw account.error("ALREADY_OWNED");
  const lines = [lineOf({ text: { en: name, ko: name }, amount: price.amount, taxRate: config.ACCOUNT_TAX_RATE })];
  const bill = { account: own, userId: user, purpose: kind, lines, currency: price.currency } as const;
  const invoice = await issue(this, tx, bill);
  const row: TitleRow = {
    id: newId(),
    user_id: user,
    video_id: videoId,
    kind,
    status: "pending",
    invoice_id: invoice.id,
    hours,
    until: null,
    created_at: timestamp(own.now),
    order_id: null,
  };
  tx.add(titles.insert(row, () => account.error("ALREADY_OWNED")));
  const title = { id: row.id, videoId, hours };
  pay(this, ctx, tx, {
    invoice,
    attempt: invoice.id,
    paymentMethod,
    clock: own.clock,
    paid: { invoice: "paid", title: { ...title, status: "granted", ...latestOf(offer, hours) } },
    failed: { invoice: "void", title: { ...title, status: "refused" } },
  });
  return row.id;
}

/** Answers the purchase's id. @throws NOT_OFFERED, NOT_AVAILABLE, ALREADY_OWNED */
export async function placePurchase(this: Host, ctx: Buying): Promise<string> {
  const known = (await this.idempotency.replay(ctx)) as string | undefined;
  if (known !== undefined) return known;
  const sale = await saleOf(ctx, ctx.params, ctx.meta.region ?? null);
  return this.idempotency.once(ctx, (tx) => place.call(this, ctx, tx, sale));
}
