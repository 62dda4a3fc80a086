/** The SQL of what a video has several of: rights, credits and genres. */
import { timestamp } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { content } from "./content.contract.ts";
import type { Right } from "./content.model.ts";
import { type ContentTables, type Db, sql, type Tx } from "./content.tables.ts";
import type { Window } from "./description.contract.ts";

const removeRights = sql((q, p: { id: string }) => q.deleteFrom("rights").where("video_id", "=", p.id));
const insertRight = sql((q, p: ContentTables["rights"]) =>
  q.insertInto("rights").values(columns(p, "video_id", "position", "regions", "plans", "starts_at", "ends_at")),
);
const listRights = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("rights", "rights.video_id", "given.key")
    .selectAll("rights")
    .orderBy("video_id")
    .orderBy("position"),
);
const removeCredits = sql((q, p: { id: string }) => q.deleteFrom("credits").where("video_id", "=", p.id));
const insertCredit = sql((q, p: ContentTables["credits"]) =>
  q.insertInto("credits").values(columns(p, "video_id", "position", "person_id", "role", "character")),
);
const listCredits = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("credits", "credits.video_id", "given.key")
    .innerJoin("people", "people.id", "credits.person_id")
    .select(["video_id", "person_id", "role", "character", "name", "name_ko"])
    .orderBy("video_id")
    .orderBy("position"),
);
const removeGenres = sql((q, p: { id: string }) => q.deleteFrom("video_genres").where("video_id", "=", p.id));
const insertGenre = sql((q, p: ContentTables["video_genres"]) =>
  q.insertInto("video_genres").values(columns(p, "video_id", "genre")),
);
const listGenres = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("video_genres", "video_genres.video_id", "given.key")
    .selectAll("video_genres")
    .orderBy("genre"),
);
const knownGenres = sql((q, p: { codes: string }) =>
  q.selectFrom(rowsIn(p.codes)).innerJoin("genres", "genres.code", "given.key").select("code"),
);
const knownPeople = sql((q, p: { ids: string }) =>
  q.selectFrom(rowsIn(p.ids)).innerJoin("people", "people.id", "given.key").select("people.id"),
);

const keys = (ids: readonly string[]): string => rowsText(ids.map((id) => [id, 0]));
const orNull = (list: readonly string[] | undefined): string | null => (list ? JSON.stringify(list) : null);

/** @throws VALIDATION_FAILED when a window ends before it begins */
function setRights(tx: Tx, id: string, windows: readonly Window[]): void {
  tx.add(removeRights.with({ id }));
  for (const [position, { regions, plans, from, until }] of windows.entries()) {
    const [starts_at, ends_at] = [from, until].map((time) => (time === undefined ? null : Date.parse(time)));
    if (starts_at != null && ends_at != null && ends_at <= starts_at) throw invalidWindow(position);
    const lists = { regions: orNull(regions), plans: orNull(plans) };
    tx.add(insertRight.with({ video_id: id, position, ...lists, starts_at: starts_at!, ends_at: ends_at! }));
  }
}
const invalidWindow = (position: number) =>
  content.error("VALIDATION_FAILED", {
    errors: [
      { pointer: `/rights/${position}/until`, detail: { en: "must be after `from`", ko: "`from`보다 뒤여야 합니다" } },
    ],
  });

/** @throws PERSON_NOT_FOUND */
async function setCredits(tx: Tx, id: string, credits: NonNullable<Given["credits"]>): Promise<void> {
  const known = await tx.all(knownPeople, { ids: keys(credits.map(({ personId }) => personId)) });
  const missing = credits.find(({ personId }) => !known.some((one) => one.id === personId));
  if (missing) throw content.error("PERSON_NOT_FOUND", { personId: missing.personId });
  tx.add(removeCredits.with({ id }));
  for (const [position, { personId, role, character = null }] of credits.entries())
    tx.add(insertCredit.with({ video_id: id, position, person_id: personId, role, character }));
}

/** @throws GENRE_NOT_FOUND */
async function setGenres(tx: Tx, id: string, codes: readonly string[]): Promise<void> {
  const known = await tx.all(knownGenres, { codes: keys(codes) });
  const missing = codes.find((code) => !known.some((one) => one.code === code));
  if (missing) throw content.error("GENRE_NOT_FOUND", { genre: missing });
  tx.add(removeGenres.with({ id }), ...codes.map((genre) => insertGenre.with({ video_id: id, genre })));
}

type Given = Pick<Input<"content.create">, "rights" | "credits" | "genres">;

/** Replaces the lists that are given. @throws PERSON_NOT_FOUND, GENRE_NOT_FOUND, VALIDATION_FAILED */
export async function set(tx: Tx, id: string, { rights, credits, genres }: Given): Promise<void> {
  if (rights) setRights(tx, id, rights);
  if (credits) await setCredits(tx, id, credits);
  if (genres) await setGenres(tx, id, genres);
}

type RightRow = ContentTables["rights"];
const listIn = (text: string | null): string[] | null => (text === null ? null : (JSON.parse(text) as string[]));
export const toRight = ({ regions, plans, starts_at, ends_at }: RightRow): Right => ({
  regions: listIn(regions),
  plans: listIn(plans),
  from: starts_at,
  until: ends_at,
});

/** The rows of these videos, in their order. */
export const rightsOf = (db: Db, ids: readonly string[]): Promise<RightRow[]> => db.all(listRights, { ids: keys(ids) });

export const toWindow = ({ regions, plans, from, until }: Right): Window => ({
  ...(regions && { regions: [...regions] }),
  ...(plans && { plans: [...plans] }),
  ...(from !== null && { from: timestamp(from) }),
  ...(until !== null && { until: timestamp(until) }),
});

export const creditsOf = (db: Db, ids: readonly string[]) => db.all(listCredits, { ids: keys(ids) });
export const genresOf = (db: Db, ids: readonly string[]) => db.all(listGenres, { ids: keys(ids) });
