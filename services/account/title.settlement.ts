/**
 * Films of the shop's orders. The order service says by its saga when an order holds them, has paid for them, and gives them up;
 * each of these changes something once, whatever comes twice or late.
 */
import { now, timestamp } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { EventData, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { newId } from "#core/id.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import * as accounts from "./account.repository.ts";
import type { Db, TitleRow, Tx } from "./account.tables.ts";
import type { Host } from "./account.saga.ts";
import { latestOf, saleOf } from "./title.placement.ts";
import * as titles from "./title.repository.ts";

type Quoted = Output<"account.quoteTitles">["items"];
type Holding = Input<"account.holdTitles">;
type Releasing = Input<"account.releaseTitles">;

/** @throws NOT_OFFERED, NOT_AVAILABLE, ALREADY_OWNED, each naming the film */
export async function quote(db: Db, ctx: Ctx<Input<"account.quoteTitles">>): Promise<Quoted> {
  const { userId, region, titles: wanted } = ctx.params;
  const { now: time } = await accounts.find(db, userId);
  return Promise.all(
    wanted.map(async ({ videoId, kind }) => {
      const { name, price, hours, offer } = await saleOf(ctx, { videoId, kind }, region);
      if (await titles.granted(db, userId, videoId, time)) throw account.error("ALREADY_OWNED", { videoId });
      return { videoId, kind, name, price, taxRate: config.ACCOUNT_TAX_RATE, hours, until: offer.until };
    }),
  );
}

/** @throws NOT_AVAILABLE when the order took so long that it cannot be watched any more */
function requireRights({ videoId, hours, until }: Holding["titles"][number]): void {
  const { latest = Infinity } = latestOf({ until }, hours);
  if (latest < now()) throw account.error("NOT_AVAILABLE", { videoId, until });
}

const rowOf = (
  { orderId, userId }: Releasing,
  { videoId, kind }: Releasing["titles"][number],
  created_at: string,
): Omit<TitleRow, "status" | "hours"> => ({
  id: newId(),
  user_id: userId,
  video_id: videoId,
  kind,
  invoice_id: null,
  until: null,
  created_at,
  order_id: orderId,
});

/** Holds all films of an order, or none. @throws NOT_AVAILABLE, ALREADY_OWNED, TITLES_RELEASED */
export async function hold(tx: Tx, order: Holding): Promise<void> {
  const { userId, orderId } = order;
  accounts.lock(tx, userId);
  const own = await accounts.find(tx, userId);
  const known = new Map((await titles.ofOrder(tx, orderId)).map((row) => [row.video_id, row]));
  for (const wanted of order.titles) {
    const { videoId, hours } = wanted;
    const status = known.get(videoId)?.status;
    if (status === "granted") continue;
    if (status !== undefined && status !== "pending") throw account.error("TITLES_RELEASED");
    requireRights(wanted);
    if (status === "pending") continue;
    tx.add(titles.endRentals(userId, videoId, own.now));
    const taken = () => account.error("ALREADY_OWNED", { videoId });
    if (await titles.granted(tx, userId, videoId, own.now)) throw taken();
    tx.add(titles.insert({ ...rowOf(order, wanted, timestamp(own.now)), status: "pending", hours }, taken));
  }
}

/** Grants what an order holds, from now on. @throws TITLES_RELEASED when it was given up before */
export async function grant({ outbox }: Pick<Host, "outbox">, cause: Cause, tx: Tx, orderId: string): Promise<void> {
  const [first] = await titles.ofOrder(tx, orderId);
  if (!first) throw account.error("TITLES_RELEASED");
  accounts.lock(tx, first.user_id);
  const rows = await titles.ofOrder(tx, orderId);
  if (rows.every(({ status }) => status === "refused" || status === "returned")) throw account.error("TITLES_RELEASED");
  const { now: time } = await accounts.find(tx, first.user_id);
  for (const { id, user_id: userId, video_id: videoId, hours, status } of rows)
    if (status === "pending")
      tx.add(...titles.decided(outbox, cause, { id, userId, videoId, status: "granted", hours, time }));
}

/** Gives up what an order holds, and takes back what it was granted. What it does not hold yet, it never will. */
export async function release({ outbox }: Pick<Host, "outbox">, cause: Cause, tx: Tx, order: Releasing): Promise<void> {
  accounts.lock(tx, order.userId);
  const known = new Map((await titles.ofOrder(tx, order.orderId)).map((row) => [row.video_id, row]));
  const never = () => new Error(`The order ${order.orderId} holds a film that it did not hold.`);
  for (const one of order.titles) {
    const row = known.get(one.videoId);
    if (row) tx.add(...titles.released(outbox, cause, row));
    else tx.add(titles.insert({ ...rowOf(order, one, timestamp()), status: "refused", hours: null }, never));
  }
}

/** An order that staff have confirmed by hand ends without the last steps of its saga. */
export async function confirmed(this: Host, event: Envelope<EventData<"order.confirmed">>, tx: Tx): Promise<void> {
  const { orderId, items } = event.data;
  if (!items.some(({ title }) => title !== undefined)) return;
  const rows = await titles.ofOrder(tx, orderId);
  if (rows.some(({ status }) => status === "pending")) await grant(this, event, tx, orderId);
}

/** So does one that they have cancelled by hand. */
export async function cancelled(this: Host, event: Envelope<EventData<"order.cancelled">>, tx: Tx): Promise<void> {
  const [first] = await titles.ofOrder(tx, event.data.orderId);
  if (!first) return;
  accounts.lock(tx, first.user_id);
  for (const row of await titles.ofOrder(tx, event.data.orderId)) tx.add(...titles.released(this.outbox, event, row));
}
