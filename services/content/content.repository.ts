/** The SQL of one video. */
import type { Kysely } from "kysely";
import { timestamp } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { sortKey } from "#core/folding.ts";
import { newId } from "#core/id.ts";
import type { Money } from "#core/schema.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { content } from "./content.contract.ts";
import { parentOf, searchText, titleIn } from "./content.model.ts";
import { type ContentTables, type Db, sql, type Tx } from "./content.tables.ts";
import type { Offers, State, Titles } from "./description.contract.ts";

export type Row = ContentTables["videos"];

const insertVideo = sql((q, p: Row) =>
  q
    .insertInto("videos")
    .values(
      columns(
        p,
        ...([
          "id",
          "key",
          "kind",
          "parent_id",
          "number",
          "titles",
          "search_text",
          "title_key",
          "rating",
          "year",
        ] as const),
        ...(["state", "failure", "release", "duration_ms", "rungs", "chapters"] as const),
        ...(["currency", "buy_amount", "rent_amount", "rent_hours"] as const),
        ...(["poster_id", "frame_id", "created_at", "published_at", "version"] as const),
      ),
    )
    .onConflict((one) => one.doNothing()),
);
const findVideo = sql((q, p: { id: string }) =>
  q.selectFrom("videos").selectAll().where("id", "=", p.id).where("state", "<>", "removed"),
);
const findNumbered = sql((q, p: { parent_id: string; number: number }) =>
  q
    .selectFrom("videos")
    .select("id")
    .where("parent_id", "=", p.parent_id)
    .where("number", "=", p.number)
    .where("state", "<>", "removed"),
);
const nextVersion = sql((q, p: { id: string }) =>
  q
    .updateTable("videos")
    .set((e) => ({ version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .where("state", "<>", "removed")
    .returningAll(),
);
const details = ["number", "titles", "search_text", "title_key", "rating", "year", "chapters"] as const;
const offers = ["currency", "buy_amount", "rent_amount", "rent_hours"] as const;
const setDetails = sql((q, p: Pick<Row, "id" | (typeof details)[number] | (typeof offers)[number]>) =>
  q
    .updateTable("videos")
    .set(columns(p, ...details, ...offers))
    .where("id", "=", p.id),
);
const setState = sql((q, p: Pick<Row, "id" | "state" | "published_at">) =>
  q
    .updateTable("videos")
    .set(columns(p, "state", "published_at"))
    .where("id", "=", p.id),
);
const setPoster = sql((q, p: Pick<Row, "id" | "poster_id">) =>
  q.updateTable("videos").set({ poster_id: p.poster_id }).where("id", "=", p.id),
);
const removeVideo = sql((q, p: { id: string }) =>
  q.updateTable("videos").set({ state: "removed", published_at: null, key: null }).where("id", "=", p.id),
);

/** A video and what it consists of, published ones only. */
const publishedWithin = (q: Kysely<ContentTables>, id: string) =>
  q
    .withRecursive("tree", (tree) =>
      tree
        .selectFrom("videos")
        .select("id")
        .where("id", "=", id)
        .union(tree.selectFrom("videos as v").innerJoin("tree", "tree.id", "v.parent_id").select("v.id")),
    )
    .selectFrom("videos")
    .where("id", "in", (e) => e.selectFrom("tree" as never).select("id" as never))
    .where("state", "=", "published");
const listPublishedWithin = sql((q, p: { id: string }) => publishedWithin(q, p.id).select("id"));
const findPart = sql((q, p: { parent_id: string }) =>
  q.selectFrom("videos").select("id").where("parent_id", "=", p.parent_id).where("state", "<>", "removed").limit(1),
);

/** The texts of titles as the columns hold them. */
function titleColumns(titles: Titles) {
  const { en, ko } = titles;
  return {
    titles: JSON.stringify(titles),
    search_text: searchText(en?.title, ko?.title),
    title_key: sortKey(titleIn(titles)),
  };
}

/** @throws VALIDATION_FAILED when both prices are not in one currency, or a rent has no time */
function offerColumns({ buy, rent, rentHours }: Offers): Pick<Row, (typeof offers)[number]> {
  if (buy && rent && buy.currency !== rent.currency) throw invalidOffer("/offers/rent", "currency");
  if ((rent === undefined) !== (rentHours === undefined)) throw invalidOffer("/offers/rentHours", "hours");
  const currency: Money["currency"] | null = (buy ?? rent)?.currency ?? null;
  return {
    currency,
    buy_amount: buy?.amount ?? null,
    rent_amount: rent?.amount ?? null,
    rent_hours: rentHours ?? null,
  };
}

const offerFaults = {
  currency: { en: "must be in the currency of the other price", ko: "다른 가격과 통화가 같아야 합니다" },
  hours: { en: "goes together with a rent", ko: "대여 가격과 함께 지정해야 합니다" },
};
const invalidOffer = (pointer: string, fault: keyof typeof offerFaults) =>
  content.error("VALIDATION_FAILED", { errors: [{ pointer, detail: offerFaults[fault] }] });

/** @throws NUMBER_TAKEN */
async function checkNumber(db: Db, parentId: string, number: number, id?: string): Promise<void> {
  const other = await db.one(findNumbered, { parent_id: parentId, number });
  if (other && other.id !== id) throw content.error("NUMBER_TAKEN", { number });
}

type New = Input<"content.create">;

/** @throws PARENT_INVALID */
async function checkParent(db: Db, { kind, parentId, number }: New): Promise<void> {
  const wanted = parentOf[kind];
  if ((wanted === null) !== (parentId === undefined) || (wanted === null) !== (number === undefined))
    throw content.error("PARENT_INVALID", { belongsTo: wanted });
  if (parentId === undefined) return;
  const parent = await db.one(findVideo, { id: parentId });
  if (parent?.kind !== wanted) throw content.error("PARENT_INVALID", { belongsTo: wanted });
}

/**
 * Adds a draft; answers null when its key already exists.
 * @throws PARENT_INVALID, NUMBER_TAKEN
 */
export async function insert(tx: Tx, made: New, key: string | null = null): Promise<string | null> {
  const { kind, parentId, number, titles, rating, year, chapters = [], offers: offered = {} } = made;
  if (parentId) tx.lock(`video:${parentId}`);
  await checkParent(tx, made);
  if (parentId) await checkNumber(tx, parentId, number!);
  const id = newId();
  const row: Row = {
    id,
    key,
    kind,
    parent_id: parentId ?? null,
    number: number ?? null,
    ...titleColumns(titles),
    rating,
    year: year ?? null,
    state: "draft",
    failure: null,
    release: null,
    duration_ms: null,
    rungs: "[]",
    chapters: JSON.stringify(chapters),
    ...offerColumns(offered),
    poster_id: null,
    frame_id: null,
    created_at: timestamp(),
    published_at: null,
    version: 1,
  };
  return (await tx.run(insertVideo, row)) > 0 ? id : null;
}

/** @throws NOT_FOUND, also for what was removed */
export async function find(db: Db, id: string): Promise<Row> {
  const row = await db.one(findVideo, { id });
  if (!row) throw content.error("NOT_FOUND");
  return row;
}

/** @throws NOT_FOUND, also for what is not published */
export async function findPublished(db: Db, id: string): Promise<Row> {
  const row = await find(db, id);
  if (row.state !== "published") throw content.error("NOT_FOUND");
  return row;
}

/** Locks a video for a change and increases its version. @throws NOT_FOUND, STALE_VERSION */
export async function take(tx: Tx, id: string, version?: number): Promise<Row> {
  const row = await tx.one(nextVersion, { id });
  if (!row) throw content.error("NOT_FOUND");
  if (version !== undefined && row.version !== version + 1) throw content.error("STALE_VERSION");
  return row;
}

/** @throws PARENT_INVALID for a number of what belongs to nothing, NUMBER_TAKEN */
export async function update(tx: Tx, row: Row, change: Input<"content.update">): Promise<void> {
  const { number = row.number, rating = row.rating, year = row.year, chapters } = change;
  if (number !== row.number) {
    if (row.parent_id === null) throw content.error("PARENT_INVALID", { belongsTo: null });
    tx.lock(`video:${row.parent_id}`);
    await checkNumber(tx, row.parent_id, number!, row.id);
  }
  const kept = { titles: row.titles, search_text: row.search_text, title_key: row.title_key };
  tx.add(
    setDetails.with({
      id: row.id,
      number,
      rating,
      year,
      chapters: chapters ? JSON.stringify(chapters) : row.chapters,
      ...(change.titles ? titleColumns(change.titles) : kept),
      ...(change.offers ? offerColumns(change.offers) : columns(row, ...offers)),
    }),
  );
}

export const move = (id: string, state: State, publishedAt: string | null): Write =>
  required(setState.with({ id, state, published_at: publishedAt }), () => content.error("NOT_FOUND"));

/** @param picture null to show a frame of the film again */
export const choosePoster = (id: string, picture: string | null): Write => setPoster.with({ id, poster_id: picture });

export const discard = (id: string): Write => removeVideo.with({ id });

/** This video and its parts, as far as they are published. */
export const publishedParts = async (db: Db, id: string): Promise<string[]> =>
  (await db.all(listPublishedWithin, { id })).map((row) => row.id);

/** False while what it belongs to is not published. */
export async function isPublishable(db: Db, id: string): Promise<boolean> {
  const { parent_id } = await find(db, id);
  return parent_id === null || (await find(db, parent_id)).state === "published";
}

export const hasParts = async (db: Db, id: string): Promise<boolean> =>
  (await db.one(findPart, { parent_id: id })) !== undefined;
