/** All SQL of staff's notes. They are only added; the text goes when the personal data of its order goes. */
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { StaffNote } from "./note.contract.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

type Row = OrderTables["staff_notes"];
const sql = statements<OrderTables>();

const insertNote = sql((q, p: Row) =>
  q.insertInto("staff_notes").values(columns(p, "id", "order_id", "author_id", "text", "created_at")),
);
/** Staff may have written a person's name. */
const eraseNotes = sql((q, p: { order_id: string }) =>
  q.updateTable("staff_notes").set({ text: "-" }).where("order_id", "=", p.order_id),
);

const toNote = ({ id, author_id: authorId, text, created_at: createdAt }: Row): StaffNote => ({
  id,
  authorId,
  text,
  createdAt,
});

export function add(tx: Tx, orderId: string, authorId: string, text: string): StaffNote {
  const row = { id: newId(), order_id: orderId, author_id: authorId, text, created_at: timestamp() };
  tx.add(insertNote.with(row));
  return toNote(row);
}

/** Oldest first. */
export const list = (db: Db, orderId: string, paging: Paging): Promise<PageOf<StaffNote>> =>
  pageById(db.query.selectFrom("staff_notes").selectAll().where("order_id", "=", orderId), paging, toNote, "asc");

export const erase = (orderId: string): Write => eraseNotes.with({ order_id: orderId });
