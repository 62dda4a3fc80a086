/**
 * Encodings that were under way when the pieces of work became other ones, and a node of that release beside a new one.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { type Migrations, migrationsIn } from "#mixins/database/migrate.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { openStorage } from "../../../test/support/systems/storage.ts";
import type { ContentTables } from "../content.tables.ts";
import * as chunks from "./chunk.repository.ts";
import * as encodings from "./encoding.repository.ts";
import { framesPlaylist } from "./playlist.model.ts";
import { piecesIn } from "./release.model.ts";

const folder = new URL("../migrations/", import.meta.url);
let all: Migrations;
let db: Database<ContentTables>;
beforeAll(async () => void (all = await migrationsIn(folder)));
beforeEach(async () => void (db = await openStorage()));
afterEach(() => db.close());

/** As it was before the migration of this number. */
const before = (number: string): Migrations =>
  Object.fromEntries(Object.entries(all).filter(([name]) => name.slice(0, 4) < number));

type Row = Readonly<Record<string, unknown>>;
/** What no code of this release writes. */
const insertInto = (table: string, names: readonly string[]) =>
  statements<Record<string, Row>>()((q, p: Row) => q.insertInto(table).values(columns(p, ...names) as never));

const video = { kind: "film", titles: "{}", search_text: "", title_key: "", rating: 0, rungs: "[]", chapters: "[]" };

/** An encoding of the release before: a check that is done, rungs of one chunk of which one is done, and sound that somebody has. */
async function underWay(state: "encoding" | "done"): Promise<string> {
  const [id, videoId] = [newId(), newId()];
  const run = (table: string, values: Row) => db.run(insertInto(table, Object.keys(values)), values);
  const isOver = state === "done";
  const about = { id: videoId, created_at: "2027-01-01T00:00:00.000Z", version: 1 };
  await run("videos", { ...video, ...about, state: "processing" });
  const row = { id, video_id: videoId, source_id: newId(), publishes: 1, revision: 3, created_at: about.created_at };
  await run("encodings", { ...row, state, plan: '{"rungs":[]}' });
  const piece = (track: string, rank: number, result: string | null, owner: string | null = null) => ({
    id: newId(),
    encoding_id: id,
    track,
    position: 0,
    rank,
    seconds: 4,
    attempt: 1,
    failures: 0,
    owner,
    result,
    next_at: result === null ? 9_999_999_999_999 : null,
  });
  await run("chunks", piece("check", 0, "{}"));
  await run("chunks", piece("240p", 10, "{}"));
  await run("chunks", piece("360p", 11, isOver ? "{}" : null, isOver ? null : "old-node"));
  return id;
}
it("encodings under way begin again with their check, and those that have ended stay as they are", async () => {
  await db.migrate(before("0003"));
  const [open, over] = [await underWay("encoding"), await underWay("done")];
  await db.migrate(all);
  expect(await encodings.find(db, open)).toMatchObject({ state: "checking", plan: null, publishes: 1, swept: 0 });
  const pieces = await chunks.list(db, open);
  expect(pieces.map(({ track, result }) => [track, result])).toEqual([["check", null]]);
  expect((await chunks.list(db, over)).map(({ track }) => track)).toEqual(["check", "240p", "360p"]);
  // A new node takes it at once, and the old one, which still works on what is gone, stores nothing.
  const taken = await db.write((tx) => chunks.take(tx, "new-node", 5));
  expect(taken.map(({ encoding_id, track, attempt }) => [encoding_id, track, attempt])).toEqual([[open, "check", 3]]);
  const late = db.write(async (tx) => tx.add(chunks.done({ id: pieces[0]!.id, attempt: 1 }, {})));
  await expect(late).rejects.toBeInstanceOf(chunks.Lost);
});

it("segments of a node that tells of no keyframes leave the film without a playlist of them", () => {
  const segment = (name: string, more = {}) => ({ name, seconds: 4, bytes: 1000, ...more });
  const frame = { from: 100, bytes: 300 };
  const rung = (segments: object[]) => JSON.stringify({ rungs: { "240p": { init: "i.mp4", segments } }, sprite: {} });
  const row = (position: number, result: string) => ({ track: "picture", position, result }) as chunks.ChunkRow;
  const of = (second: object) =>
    piecesIn([row(0, rung([segment("a", { frame })])), row(1, rung([segment("b", second)]))]).of("240p");
  expect(framesPlaylist(of({ frame }))).toContain("#EXT-X-BYTERANGE:300@100\nb\n");
  expect(framesPlaylist(of({}))).toBeNull();
});
