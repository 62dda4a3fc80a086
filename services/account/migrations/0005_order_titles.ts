/** Films that came with an order of the shop: they have an order instead of an invoice of ours. */
import { type Kysely, PostgresAdapter, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) await widen(db);
  else await rebuild(db);
  // Also a film that is taken back before its order could hold it: a hold that comes late finds it.
  await sql`create unique index titles_order on titles (order_id, video_id) where order_id is not null`.execute(db);
}

async function widen(db: Kysely<never>): Promise<void> {
  await sql`alter table titles alter column invoice_id drop not null`.execute(db);
  await sql`alter table titles add column order_id text`.execute(db);
  await sql`alter table titles add constraint titles_paid_by check ((invoice_id is null) <> (order_id is null))`.execute(
    db,
  );
}

/** SQLite cannot change what a column must be. Nothing refers to the table. */
async function rebuild(db: Kysely<never>): Promise<void> {
  await sql`alter table titles rename to titles_before`.execute(db);
  await sql`
    create table titles (
      id text primary key,
      user_id text not null,
      video_id text not null,
      kind text not null check (kind in ('buy', 'rent')),
      status text not null,
      invoice_id text references invoices (id),
      hours integer,
      until bigint,
      created_at text not null,
      order_id text,
      constraint titles_status check (status in ('pending', 'granted', 'ended', 'refused', 'returned')),
      constraint titles_paid_by check ((invoice_id is null) <> (order_id is null))
    )`.execute(db);
  await sql`
    insert into titles (id, user_id, video_id, kind, status, invoice_id, hours, until, created_at)
    select id, user_id, video_id, kind, status, invoice_id, hours, until, created_at from titles_before`.execute(db);
  // Its indexes go with it.
  await sql`drop table titles_before`.execute(db);
  await sql`create index titles_user on titles (user_id, id)`.execute(db);
  await sql`create index titles_invoice on titles (invoice_id)`.execute(db);
  await sql`
    create unique index titles_once on titles (user_id, video_id, kind) where status in ('pending', 'granted')`.execute(
    db,
  );
}
