/** How a film is bought or rented: it is granted once, when its invoice is paid. */
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import { HOUR, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import * as accounts from "./account.repository.ts";
import type { TitleRow, Tx } from "./account.tables.ts";
import { lineOf } from "./invoice.model.ts";
import { type Host, issue, pay } from "./invoice.settlement.ts";
import type { Purchase } from "./title.contract.ts";
import * as titles from "./title.repository.ts";

type Buying = Ctx<Input<"account.buy">>;
type Offer = Output<"content.offer">;

export const toPurchase = (row: TitleRow): Purchase => ({
  id: row.id,
  videoId: row.video_id,
  kind: row.kind,
  status: row.status,
  invoiceId: row.invoice_id,
  until: row.until === null ? null : timestamp(row.until),
  createdAt: row.created_at,
});

async function offerOf(ctx: Buying): Promise<Offer> {
  try {
    return await ctx.call("content.offer", { videoId: ctx.params.videoId, region: ctx.meta.region ?? null });
  } catch (error) {
    if (isError(error, "NOT_FOUND")) throw account.error("NOT_OFFERED");
    if (isError(error, "CONTENT_NOT_AVAILABLE")) throw account.error("NOT_AVAILABLE");
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
  if (latest < now() + config.ACCOUNT_PATIENCE) throw account.error("NOT_AVAILABLE", { until: offer.until });
}

/** Until when it must be paid, in milliseconds since the epoch; nothing where its rights do not end. */
const latestOf = ({ until }: Offer, hours: number | null): { latest?: number } =>
  until === null ? {} : { latest: Date.parse(until) - (hours ?? 0) * HOUR };

async function place(this: Host, ctx: Buying, tx: Tx, offer: Offer): Promise<string> {
  const { videoId, kind, paymentMethod } = ctx.params;
  const price = offer[kind];
  const hours = kind === "rent" ? offer.rentHours : null;
  if (price === null || (kind === "rent" && hours === null)) throw account.error("NOT_OFFERED");
  requireTime(offer, hours);
  const user = userId(ctx);
  accounts.lock(tx, user);
  const own = await accounts.find(tx, user);
  tx.add(titles.endRentals(user, videoId, own.now));
  if (await titles.granted(tx, user, videoId, own.now)) throw account.error("ALREADY_OWNED");
  const what = kind === "buy" ? offer.title : `${offer.title} (${hours} h)`;
  const lines = [lineOf({ text: { en: what, ko: what }, amount: price.amount, taxRate: config.ACCOUNT_TAX_RATE })];
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
  const offer = await offerOf(ctx);
  return this.idempotency.once(ctx, (tx) => place.call(this, ctx, tx, offer));
}
