/**
 * The ledger always adds up to the stock (ADR 0097). A trigger adds each entry to what is booked of its product, and a level that
 * is not what is booked refers to a table that is always empty: so no transaction ends with one, in whatever order it wrote.
 */
import { type Kysely, sql } from "kysely";
import { timestamp } from "#core/clock.ts";
import { isPostgres } from "#mixins/database/locking.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await bookDifferences(db);
  const levels = db.schema.alterTable("stock_levels");
  for (const name of ["booked_on_hand", "booked_held"])
    await levels.addColumn(name, "bigint", (column) => column.notNull().defaultTo(0)).execute();
  await sql`update stock_levels set booked_on_hand = on_hand, booked_held = held`.execute(db);
  await db.schema
    .createTable("ledger_differences")
    .addColumn("product_id", "text", (column) => column.primaryKey().check(sql`product_id is null`))
    .execute();
  await sql`
    alter table stock_levels add column unbooked text generated always as
      (case when on_hand <> booked_on_hand or held <> booked_held then product_id end) ${sql.raw(isPostgres(db) ? "stored" : "virtual")}
      references ledger_differences (product_id) deferrable initially deferred`.execute(db);
  await (isPostgres(db) ? postgresTriggers(db) : sqliteTriggers(db));
}

/** Nothing is known to have made one, but a database that nobody watched may hold one. */
async function bookDifferences(db: Kysely<never>): Promise<void> {
  await sql`
    insert into movements (product_id, kind, on_hand_change, held_change, reason, at)
    select s.product_id, 'adjustment', s.on_hand - booked.on_hand, s.held - booked.held, 'The ledger did not add up', ${timestamp()}
    from stock_levels s join (
      select l.product_id, coalesce(sum(on_hand_change), 0) as on_hand, coalesce(sum(held_change), 0) as held
      from stock_levels l left join movements m on m.product_id = l.product_id group by l.product_id
    ) booked on booked.product_id = s.product_id
    where s.on_hand <> booked.on_hand or s.held <> booked.held`.execute(db);
}

const book = (entry: string) => `
  update stock_levels set booked_on_hand = booked_on_hand + ${entry}.on_hand_change,
    booked_held = booked_held + ${entry}.held_change
  where product_id = ${entry}.product_id;`;
const APPEND_ONLY = "The stock ledger is append-only";

async function postgresTriggers(db: Kysely<never>): Promise<void> {
  const statements = [
    `create function book_movement() returns trigger language plpgsql as $$ begin ${book("new")} return null; end $$`,
    "create trigger movements_booked after insert on movements for each row execute function book_movement()",
    `create function keep_movement() returns trigger language plpgsql as $$ begin raise exception '${APPEND_ONLY}'; end $$`,
    "create trigger movements_kept before update or delete on movements for each row execute function keep_movement()",
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

async function sqliteTriggers(db: Kysely<never>): Promise<void> {
  const statements = [
    `create trigger movements_booked after insert on movements begin ${book("new")} end`,
    ...["update", "delete"].map(
      (change) =>
        `create trigger movements_no_${change} before ${change} on movements begin select raise(abort, '${APPEND_ONLY}'); end`,
    ),
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
