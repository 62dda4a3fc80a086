/** The tables of an audit log, to which the database itself lets rows be added only, and all SQL of them. */
import { type Kysely, PostgresAdapter, sql as raw } from "kysely";
import { timestamp } from "#core/clock.ts";
import { decodeCursor, page, type PageOf, type Paging, positions } from "#core/cursor.ts";
import type { Recorded } from "#core/recording.ts";
import type { AnyTransaction, Executor } from "../database/database.ts";
import type { Migrations } from "../database/migrate.ts";
import { columns, statements } from "../database/statement.ts";
import { required } from "../database/write.ts";
import { type AuditHead, type AuditRow, hashOf, START } from "./chain.ts";

export interface AuditTables {
  audit_log: AuditRow;
  /** One row: the last one of the log. */
  audit_heads: AuditHead & { id: number };
}

const REFUSAL = "audit_log is append-only";

/** Has the database refuse a change, in either dialect. @param when a condition over `old` and `new` */
async function refuse(db: Kysely<never>, table: string, event: "update" | "delete", when = "true"): Promise<void> {
  const name = `${table}_no_${event}`;
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const action = isPostgres ? "execute function refuse_change()" : `begin select raise(abort, '${REFUSAL}'); end`;
  await raw.raw(`create trigger ${name} before ${event} on ${table} for each row when (${when}) ${action}`).execute(db);
}

async function createAuditLog(db: Kysely<never>): Promise<void> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  await db.schema
    .createTable("audit_log")
    .addColumn("seq", "bigint", (column) => column.primaryKey())
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("object", "text", (column) => column.notNull())
    .addColumn("request_id", "text", (column) => column.notNull())
    .addColumn("changes", "text", (column) => column.notNull())
    .addColumn("previous", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("audit_log_actor").on("audit_log").columns(["actor", "seq"]).execute();
  await db.schema.createIndex("audit_log_object").on("audit_log").columns(["object", "seq"]).execute();
  await db.schema
    .createTable("audit_heads")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .execute();
  await raw`insert into audit_heads (id, seq, hash) values (1, 0, ${START})`.execute(db);
  if (isPostgres)
    await raw
      .raw(
        `create function refuse_change() returns trigger language plpgsql as $$ begin raise exception '${REFUSAL}'; end $$`,
      )
      .execute(db);
  await refuse(db, "audit_log", "update");
  await refuse(db, "audit_log", "delete");
  await refuse(db, "audit_heads", "update", "new.seq <> old.seq + 1");
  await refuse(db, "audit_heads", "delete");
  if (!isPostgres) return;
  for (const table of ["audit_log", "audit_heads"])
    await raw
      .raw(`create trigger ${table}_no_truncate before truncate on ${table} execute function refuse_change()`)
      .execute(db);
}

export const migrations: Migrations = { "0001_audit_log": { up: createAuditLog } };

const sql = statements<AuditTables>();
const insert = sql((q, p: AuditRow) =>
  q
    .insertInto("audit_log")
    .values(
      columns(p, ...(["seq", "at", "actor", "action", "object", "request_id", "changes", "previous", "hash"] as const)),
    ),
);
const findHead = sql((q) => q.selectFrom("audit_heads").select(["seq", "hash"]).where("id", "=", 1));
const moveHead = sql((q, p: AuditHead & { before: number }) =>
  q
    .updateTable("audit_heads")
    .set(columns(p, "seq", "hash"))
    .where("id", "=", 1)
    .where("seq", "=", p.before),
);
const following = sql((q, p: { seq: number; limit: number }) =>
  q
    .selectFrom("audit_log")
    .selectAll()
    .where("seq", ">", p.seq)
    .orderBy("seq")
    .limit(p.limit as never),
);

/**
 * Adds a row to the chain, last in its transaction: others who add one wait until it has ended.
 * @param changes JSON
 */
export async function append(tx: AnyTransaction, call: Recorded, changes: string): Promise<void> {
  tx.lock("audit_log");
  const head = (await tx.one(findHead, {}))!;
  const before = head.seq;
  const { service, actor, action, object, requestId: request_id } = call;
  const row = { seq: before + 1, at: timestamp(), actor, action, object, request_id, changes, previous: head.hash };
  const hash = hashOf(service, row);
  const lost = () => new Error("Somebody else has added to the audit log.");
  tx.add(insert.with({ ...row, hash }), required(moveHead.with({ seq: row.seq, hash, before }), lost));
}

export const headOf = async (db: Executor<AuditTables>): Promise<AuditHead> => (await db.one(findHead, {}))!;

/** Rows in the order of the chain. */
export const after = (db: Executor<AuditTables>, seq: number, limit: number): Promise<AuditRow[]> =>
  db.all(following, { seq, limit });

export interface Filter extends Paging {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly object?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

const toItem = ({ request_id, changes, ...row }: AuditRow) => ({
  seq: row.seq,
  at: row.at,
  actor: row.actor,
  action: row.action,
  object: row.object,
  requestId: request_id,
  changes: JSON.parse(changes) as never[],
  hash: row.hash,
});

/** Newest first. */
export async function list(
  db: Executor<AuditTables>,
  { cursor, limit = 20, actor, action, object, since, until }: Filter,
): Promise<PageOf<ReturnType<typeof toItem>>> {
  const before = decodeCursor(cursor, positions.number);
  const rows = await db.query
    .selectFrom("audit_log")
    .selectAll()
    .$if(before !== null, (all) => all.where("seq", "<", before![0]))
    .$if(actor !== undefined, (all) => all.where("actor", "=", actor!))
    .$if(action !== undefined, (all) => all.where("action", "=", action!))
    .$if(object !== undefined, (all) => all.where("object", "=", object!))
    .$if(since !== undefined, (all) => all.where("at", ">=", since!))
    .$if(until !== undefined, (all) => all.where("at", "<", until!))
    .orderBy("seq", "desc")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, toItem, ({ seq }) => [seq]);
}
