/** All SQL of films that were bought or rented. A constraint ensures that each is granted once. */
import { HOUR } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { type Db, sql, type TitleRow } from "./account.tables.ts";

type Own = Pick<TitleRow, "user_id" | "video_id">;

const insertRow = sql((q, p: TitleRow) =>
  q
    .insertInto("titles")
    .values({
      ...columns(p, "id", "user_id", "video_id", "kind", "status", "invoice_id", "hours", "until", "created_at"),
      ...columns(p, "order_id"),
    })
    .onConflict((one) => one.doNothing()),
);
const decide = sql((q, p: Pick<TitleRow, "id" | "status" | "until">) =>
  q
    .updateTable("titles")
    .set(columns(p, "status", "until"))
    .where("id", "=", p.id)
    .where("status", "=", "pending"),
);
const endOver = sql((q, p: Own & { time: number }) =>
  q
    .updateTable("titles")
    .set({ status: "ended" })
    .where("user_id", "=", p.user_id)
    .where("video_id", "=", p.video_id)
    .where("status", "=", "granted")
    .where("until", "<=", p.time),
);
const findGranted = sql((q, p: Own & { time: number }) =>
  q
    .selectFrom("titles")
    .selectAll()
    .where("user_id", "=", p.user_id)
    .where("video_id", "=", p.video_id)
    .where("status", "=", "granted")
    .where((e) => e.or([e("until", "is", null), e("until", ">", p.time)]))
    .orderBy("kind"),
);

const findByInvoice = sql((q, p: { invoice_id: string }) =>
  q.selectFrom("titles").selectAll().where("invoice_id", "=", p.invoice_id).where("status", "=", "granted"),
);
const takeBack = sql((q, p: { id: string }) =>
  q.updateTable("titles").set({ status: "returned" }).where("id", "=", p.id),
);

const findByOrder = sql((q, p: { order_id: string }) =>
  q.selectFrom("titles").selectAll().where("order_id", "=", p.order_id).orderBy("id"),
);
const findHeld = sql((q, p: { user_id: string }) =>
  q
    .selectFrom("titles")
    .select("id")
    .where("user_id", "=", p.user_id)
    .where("order_id", "is not", null)
    .where("status", "=", "pending")
    .limit(1),
);
const giveUp = sql((q, p: Pick<TitleRow, "id" | "status">) =>
  q.updateTable("titles").set({ status: p.status }).where("id", "=", p.id),
);

const findOwn = sql((q, p: { id: string; user_id: string }) =>
  q.selectFrom("titles").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const removeDecided = sql((q, p: { user_id: string }) =>
  q.deleteFrom("titles").where("user_id", "=", p.user_id).where("status", "<>", "pending"),
);

export const find = (db: Db, id: string, user_id: string): Promise<TitleRow | undefined> =>
  db.one(findOwn, { id, user_id });

/** Newest first. */
export const list = <Item>(
  db: Db,
  owner: string,
  paging: Paging,
  toItem: (row: TitleRow) => Item,
): Promise<PageOf<Item>> =>
  pageById(db.query.selectFrom("titles").selectAll().where("user_id", "=", owner), paging, toItem);

/** What somebody watches is personal. One that is still being paid for stays until it is decided. */
export const removeAllOf = (user_id: string): Write => removeDecided.with({ user_id });

/** The best of what a person has of a film: bought rather than rented. */
export const granted = async (db: Db, user_id: string, video_id: string, time: number): Promise<TitleRow | undefined> =>
  (await db.all(findGranted, { user_id, video_id, time }))[0];

/** A rental that is over makes room for the next. */
export const endRentals = (user_id: string, video_id: string, time: number): Write =>
  endOver.with({ user_id, video_id, time });

/** @param taken makes the error for a film that the person has */
export const insert = (row: TitleRow, taken: () => Error): Write => required(insertRow.with(row), taken);

export interface Decision {
  readonly id: string;
  readonly userId: string;
  readonly videoId: string;
  readonly status: "granted" | "refused";
  /** For which it is rented; null for ever. */
  readonly hours: number | null;
  /** Milliseconds since the epoch, from when on a rental counts. */
  readonly time: number;
}

/** The film that an invoice was for is taken back, because all of it was refunded. */
export async function returned(db: Db, outbox: Outbox, cause: Cause, invoice_id: string): Promise<readonly Write[]> {
  const row = await db.one(findByInvoice, { invoice_id });
  if (!row) return [];
  const told = { userId: row.user_id, entitled: false, videoId: row.video_id };
  return [takeBack.with({ id: row.id }), outbox.event(cause, "account.entitlement_changed", `title:${row.id}`, told)];
}

/** The films of an order of the shop, whatever became of them. */
export const ofOrder = (db: Db, order_id: string): Promise<TitleRow[]> => db.all(findByOrder, { order_id });

/** Whether an order that is under way holds a film for a person. */
export const isHeld = async (db: Db, user_id: string): Promise<boolean> =>
  (await db.one(findHeld, { user_id })) !== undefined;

/** A film that an order holds is given up; one that it was granted by is taken back. */
export function released(outbox: Outbox, cause: Cause, row: TitleRow): readonly Write[] {
  const { id, user_id: userId, video_id: videoId, status } = row;
  if (status === "refused" || status === "returned") return [];
  if (status === "pending") return [giveUp.with({ id, status: "refused" })];
  const told = { userId, entitled: false, videoId };
  return [
    giveUp.with({ id, status: "returned" }),
    outbox.event(cause, "account.entitlement_changed", `title:${id}`, told),
  ];
}

export function decided(outbox: Outbox, cause: Cause, decision: Decision): readonly Write[] {
  const { id, userId, videoId, status, hours, time } = decision;
  const write = decide.with({ id, status, until: hours === null ? null : time + hours * HOUR });
  if (status === "refused") return [write];
  return [
    write,
    outbox.event(cause, "account.entitlement_changed", `title:${id}`, { userId, entitled: true, videoId }),
  ];
}
