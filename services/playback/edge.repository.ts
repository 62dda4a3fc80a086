/** All SQL of edges, as they announce themselves. */
import { DAY, now } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { fresh, healthAfter, type Told } from "./edge-health.model.ts";
import type { Db, EdgeRow as Row, PlaybackTables, Tx } from "./playback.tables.ts";

const sql = statements<PlaybackTables>();

/** Rows of edges that have not been heard of for this long are removed, in milliseconds. */
const FORGOTTEN = DAY;

const upsert = sql((q, p: Row) =>
  q
    .insertInto("edges")
    .values(columns(p, "id", "url", "region", "weight", "failing", "bursts", "out_until", "seen_at"))
    .onConflict((one) =>
      one.column("id").doUpdateSet((e) => ({
        url: e.ref("excluded.url"),
        region: e.ref("excluded.region"),
        weight: e.ref("excluded.weight"),
        failing: e.ref("excluded.failing"),
        bursts: e.ref("excluded.bursts"),
        out_until: e.ref("excluded.out_until"),
        seen_at: e.ref("excluded.seen_at"),
      })),
    ),
);
const find = sql((q, p: { id: string }) => q.selectFrom("edges").selectAll().where("id", "=", p.id));
const listSeen = sql((q, p: { since: number }) =>
  q.selectFrom("edges").selectAll().where("seen_at", ">", p.since).orderBy("id").limit(1000),
);
const removeOld = sql((q, p: { before: number }) => q.deleteFrom("edges").where("seen_at", "<", p.before));

export interface Announced extends Told, Pick<Row, "id" | "url" | "region" | "weight"> {}

export async function save(tx: Tx, edge: Announced): Promise<void> {
  const { id, url, region, weight } = edge;
  tx.lock(`edges:${id}`);
  const before = (await tx.one(find, { id })) ?? fresh;
  tx.add(upsert.with({ id, url, region, weight, ...healthAfter(before, edge, now()), seen_at: now() }));
  tx.add(removeOld.with({ before: now() - FORGOTTEN }));
}

export const list = (db: Db): Promise<Row[]> => db.all(listSeen, { since: now() - FORGOTTEN });
