/** How videos are found: by a search, in an order; and the episode that comes next. */
import type { Input } from "#core/contract.ts";
import { page } from "#core/cursor.ts";
import { contains } from "#mixins/database/search.ts";
import { keyIn, type Order } from "./content.model.ts";
import { described, summaries } from "./content.projection.ts";
import type { Row } from "./content.repository.ts";
import { type Db, sql } from "./content.tables.ts";

type Filter = Input<"content.list">;

/** By title, by the name of somebody who made it, or by genre. */
const named = (db: Db, q: string) =>
  db.query
    .selectFrom("videos")
    .select("id")
    .where(contains("search_text", q))
    .unionAll(
      db.query
        .selectFrom("credits")
        .innerJoin("people", "people.id", "credits.person_id")
        .select("video_id as id")
        .where(contains("people.search_text", q)),
    )
    .unionAll(
      db.query
        .selectFrom("video_genres")
        .innerJoin("genres", "genres.code", "video_genres.genre")
        .select("video_id as id")
        .where(contains("genres.search_text", q)),
    );

const matching = (db: Db, { q, kind, genre, person, parent, maxRating }: Filter) =>
  db.query
    .selectFrom("videos as v")
    .selectAll("v")
    .where("v.state", "=", "published")
    .$if(parent !== undefined, (found) => found.where("v.parent_id", "=", parent!))
    .$if(kind !== undefined, (found) => found.where("v.kind", "=", kind!))
    .$if(parent === undefined && kind === undefined, (found) => found.where("v.kind", "in", ["film", "series"]))
    .$if(maxRating !== undefined, (found) => found.where("v.rating", "<=", maxRating!))
    .$if(q !== undefined, (found) => found.where("v.id", "in", named(db, q!)))
    .$if(genre !== undefined, (found) =>
      found.where("v.id", "in", (e) => e.selectFrom("video_genres").select("video_id").where("genre", "=", genre!)),
    )
    .$if(person !== undefined, (found) =>
      found.where("v.id", "in", (e) => e.selectFrom("credits").select("video_id").where("person_id", "=", person!)),
    );

const sorts = {
  newest: { column: "published_at", direction: "desc" },
  title: { column: "title_key", direction: "asc" },
  number: { column: "number", direction: "asc" },
} as const satisfies Record<Order, object>;

/**
 * A page of what is published.
 * @throws VALIDATION_FAILED for a cursor that is not of this list
 */
export async function search(db: Db, { sort = "newest", limit = 20, cursor, ...filter }: Filter) {
  const { column, direction } = sorts[sort];
  const after = keyIn(cursor, sort);
  const rows = await matching(db, filter)
    .$if(sort === "number", (found) => found.where("v.number", "is not", null))
    .$if(after !== null, (found) =>
      found.where((e) =>
        e(e.refTuple(`v.${column}`, "v.id"), direction === "asc" ? ">" : "<", e.tuple(after!.key as never, after!.id)),
      ),
    )
    .orderBy(`v.${column}`, direction)
    .orderBy("v.id", direction)
    .limit(limit + 1)
    .execute();
  return page(rows, limit, await summaries(db, rows), (row) => [sort, row[column]!, row.id]);
}

/** Everything that was not removed, newest first. @throws VALIDATION_FAILED for a cursor that is not of this list */
export async function listDetails(db: Db, { state, limit = 20, cursor }: Input<"content.listDetails">) {
  const after = keyIn(cursor, "newest");
  const rows = await db.query
    .selectFrom("videos")
    .selectAll()
    .where("state", "<>", "removed")
    .$if(state !== undefined, (found) => found.where("state", "=", state!))
    .$if(after !== null, (found) => found.where("id", "<", after!.id))
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  return page(rows, limit, await described(db, rows), (row) => ["newest", row.created_at, row.id]);
}

const findNext = sql((q, p: { season_id: string; number: number }) =>
  q
    .selectFrom("videos as e")
    .innerJoin("videos as s", "s.id", "e.parent_id")
    .innerJoin("videos as here", "here.parent_id", "s.parent_id")
    .selectAll("e")
    .where("here.id", "=", p.season_id)
    .where("e.state", "=", "published")
    .where("s.state", "=", "published")
    .where((e) =>
      e.or([
        e("s.number", ">", e.ref("here.number")),
        e.and([e("s.id", "=", e.ref("here.id")), e("e.number", ">", p.number)]),
      ]),
    )
    .orderBy("s.number")
    .orderBy("e.number")
    .limit(1),
);

/** The published episode after this one, also of the next season. */
export async function next(db: Db, { kind, parent_id, number }: Row): Promise<Row | null> {
  if (kind !== "episode") return null;
  return (await db.one(findNext, { season_id: parent_id!, number: number! })) ?? null;
}
