/** Rows of what profiles watched, made by the database itself: a million of them take seconds. */
import { sql } from "kysely";
import { storage } from "../../test/support/systems/storage.ts";
import type { Db } from "../../services/playback/playback.tables.ts";
import { showProgress } from "./progress.ts";

/** Rows of one statement. */
const STEP = 50_000;
/** Titles that a profile has watched; of each ten it has begun one and not seen its end. */
const TITLES = 200;

/** A UUID of version 7 that ends in this number. */
const uuid = (number: number): string => `019a0000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
export const profileOf = (row: number): string => uuid(Math.floor(row / TITLES));
/** Each profile is of a person who has no other. */
export const userOf = (profile: number): string => `019b${uuid(profile).slice(4)}`;

/** @param rows of all profiles; those of one are spread over the table as they would be after a year */
export async function fillHistory(db: Db, rows: number): Promise<void> {
  const profiles = Math.max(Math.floor(rows / TITLES), 1);
  const indexes = await withoutIndexes(db);
  for (let from = 0; from < rows; from += STEP) {
    const until = Math.min(from + STEP, rows);
    await db.write(({ query }) => insert(from, until, profiles).execute(query));
    showProgress(`${rows.toLocaleString("en")} rows`, (until / rows) * 0.9);
  }
  for (const { made } of indexes) await db.write(({ query }) => sql.raw(made).execute(query));
  await db.write(({ query }) => sql.raw("analyze watched_videos").execute(query));
  showProgress("", 1);
}

/** Indexes are made faster in the end than row by row. @returns how to make them again */
async function withoutIndexes(db: Db): Promise<readonly { readonly name: string; readonly made: string }[]> {
  const find =
    storage() === "sqlite"
      ? "select name, sql as made from sqlite_master where type = 'index' and tbl_name = 'watched_videos' and sql is not null"
      : "select indexname as name, indexdef as made from pg_indexes where tablename = 'watched_videos' and indexname not like '%_pk'";
  const { rows } = await sql.raw<{ name: string; made: string }>(find).execute(db.query);
  for (const { name } of rows) await db.write(({ query }) => sql.raw(`drop index ${name}`).execute(query));
  return rows;
}

function insert(from: number, until: number, profiles: number) {
  const isSqlite = storage() === "sqlite";
  const hex = (number: string) =>
    isSqlite ? sql.raw(`printf('%012x', ${number})`) : sql.raw(`lpad(to_hex(${number}), 12, '0')`);
  const numbers = isSqlite
    ? sql`with recursive n(i) as (select ${sql.lit(from)} union all select i + 1 from n where i < ${sql.lit(until - 1)})`
    : sql`with n(i) as (select generate_series(${sql.lit(from)}::bigint, ${sql.lit(until - 1)}::bigint))`;
  const [profile, title] = [hex(`i % ${profiles}`), hex(`i / ${profiles}`)];
  const prefix = "-0000-7000-8000-";
  return sql`
    insert into watched_videos (profile_id, video_id, user_id, position_ms, duration_ms, finished, watched_at, updated_at)
    ${numbers}
    select '019a0000' || ${sql.lit(prefix)} || ${profile}, '019c0000' || ${sql.lit(prefix)} || ${title},
           '019b0000' || ${sql.lit(prefix)} || ${profile}, 60000, 6000000,
           case when (i / ${sql.lit(profiles)}) % 10 = 0 then 0 else 1 end, null, 1790000000000 + i * 31
    from n`;
}
