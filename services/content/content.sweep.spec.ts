/**
 * Files that nobody needs any more go, each kind when its rule says so, and no others.
 * @databases sqlite postgres
 */
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY, HOUR, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { columns } from "#mixins/database/statement.ts";
import { film } from "../../test/support/systems/content-service.ts";
import { EncodingService } from "../../test/support/systems/encoding-service.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { type ContentTables, type EncodingState, sql } from "./content.tables.ts";
import type { Sweep } from "./sweep.mixin.ts";

const insert = sql((q, p: ContentTables["encodings"]) =>
  q
    .insertInto("encodings")
    .values(
      columns(
        p,
        ...(["id", "video_id", "source_id", "state", "ended_at", "created_at"] as const),
        ...(["publishes", "plan", "failure", "detail", "revision", "swept"] as const),
      ),
    ),
);
const play = sql((q, p: { id: string; release: string }) =>
  q.updateTable("videos").set({ release: p.release, state: "ready" }).where("id", "=", p.id),
);

let service: EncodingService;
let db: Database<ContentTables>;
let sweep: Sweep;
beforeAll(async () => {
  service = await EncodingService.start({ CONTENT_ENCODERS: "0" });
  ({ db, sweep } = localService<{ db: typeof db; sweep: Sweep }>(service.broker, "content"));
});
afterAll(() => service.stop());

const video = async (): Promise<string> => (await service.call("content.create", film)).id;
const ago = (time: number): Date => new Date(Date.now() - time);

/** An encoding that ended so long ago, with a file in its folder. */
async function encoding(videoId: string, state: EncodingState, age = 0, sourceId = newId()): Promise<string> {
  const id = newId();
  const isOpen = state === "checking" || state === "encoding";
  const ended_at = isOpen ? null : timestamp(Date.now() - age);
  const row = { id, video_id: videoId, source_id: sourceId, state, ended_at, created_at: timestamp() };
  const empty = { publishes: 0, plan: null, failure: null, detail: null, revision: 1, swept: 0 };
  await db.write(async (tx) => tx.add(insert.with({ ...row, ...empty })));
  await service.storage.put(fileOf(videoId, id), Buffer.from("x"));
  return id;
}
const fileOf = (videoId: string, release: string) => `v/${videoId}/${release}/240p/seg-000001.m4s`;
const isThere = async (key: string): Promise<boolean> => (await service.storage.stat(key)) !== null;
const plays = (id: string, release: string) => db.write(async (tx) => tx.add(play.with({ id, release })));

/** A file of the storage that is so old. */
async function store(key: string, age: number): Promise<string> {
  await service.storage.put(key, Buffer.from("x"));
  utimesSync(service.storage.localPath(key)!, ago(age), ago(age));
  return key;
}

describe("the files of an encoding", () => {
  it.each([
    ["stay while it is under way", "encoding", 0, true],
    ["go when it failed", "failed", 0, false],
    ["go when it was cancelled", "cancelled", 0, false],
  ] as const)("%s", async (_, state, age, stays) => {
    const id = await video();
    const release = await encoding(id, state, age);
    await sweep.run();
    expect(await isThere(fileOf(id, release))).toBe(stays);
  });

  it.each([
    [DAY - HOUR, true],
    [DAY, false],
  ])("that another replaced %d ms ago stay: %s; the others are played", async (age, stays) => {
    const id = await video();
    const [old, current] = [await encoding(id, "done", 9 * DAY), await encoding(id, "done", age)];
    await plays(id, current);
    await sweep.run();
    expect([await isThere(fileOf(id, old)), await isThere(fileOf(id, current))]).toEqual([stays, true]);
  });

  it("go with their film, also what a late node stores afterwards", async () => {
    const id = await video();
    const [old, cancelled] = [await encoding(id, "done", 9 * DAY), await encoding(id, "cancelled")];
    await plays(id, old);
    await service.call("content.remove", { id });
    await sweep.run();
    expect([await isThere(fileOf(id, old)), await isThere(fileOf(id, cancelled))]).toEqual([false, false]);
    await service.storage.put(fileOf(id, cancelled), Buffer.from("late"));
    await sweep.run();
    expect(await isThere(fileOf(id, cancelled))).toBe(false);
  });
});

describe("what was uploaded whole", () => {
  const week = 7 * DAY;

  it("goes after a week when nothing is made of it", async () => {
    const [fresh, old] = [await store(`sources/${newId()}`, week - HOUR), await store(`sources/${newId()}`, week)];
    await sweep.run();
    expect([await isThere(fresh), await isThere(old)]).toEqual([true, false]);
  });

  it.each([
    ["done", week, true],
    ["encoding", week, true],
    ["failed", week - HOUR, true],
    ["failed", week, false],
    ["cancelled", week, false],
  ] as const)("of an encoding that is %s, %d ms after its end, stays: %s", async (state, age, stays) => {
    const id = newId();
    const key = await store(`sources/${id}`, 2 * week);
    await encoding(await video(), state, age, id);
    await sweep.run();
    expect(await isThere(key)).toBe(stays);
  });

  it("goes with the last film of it", async () => {
    const id = newId();
    const key = await store(`sources/${id}`, 0);
    const films = [await video(), await video()];
    for (const one of films) await encoding(one, "done", 0, id);
    for (const one of films) {
      expect(await isThere(key)).toBe(true);
      await service.call("content.remove", { id: one });
      await sweep.run();
    }
    expect(await isThere(key)).toBe(false);
  });
});

describe("on this machine", () => {
  const names = (folder: string) => readdirSync(join(process.env.DATA_DIR!, folder)).toSorted();
  function write(path: string, age: number): void {
    const file = join(process.env.DATA_DIR!, path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "x");
    utimesSync(file, ago(age), ago(age));
  }

  it("go uploads of which nothing came for a day, counted from their last part", async () => {
    for (const [name, age] of [
      ["long", 3 * DAY],
      ["short", 3 * DAY],
    ] as const)
      write(`uploads/${name}.json`, age);
    write("uploads/long", DAY - HOUR);
    write("uploads/short", DAY);
    await sweep.run();
    expect(names("uploads")).toEqual(["long", "long.json"]);
  });

  it("goes what a process was writing when it died", async () => {
    write("storage/.drafts/new", HOUR);
    write("storage/.drafts/old", DAY + HOUR);
    for (const [node, age] of [
      ["dead", DAY],
      ["alive", HOUR],
      [service.broker.nodeID, DAY],
    ] as const) {
      write(`encoding/${node}/chunk/init.mp4`, age);
      utimesSync(join(process.env.DATA_DIR!, "encoding", node), ago(age), ago(age));
    }
    await sweep.run();
    expect(names("storage/.drafts")).toEqual(["new"]);
    expect(names("encoding")).toEqual(["alive", service.broker.nodeID].toSorted());
  });
});

it("tells what could not be removed, and removes the rest", async () => {
  const id = await video();
  const release = await encoding(id, "failed");
  const old = await store(`sources/${newId()}`, 8 * DAY);
  const remove = service.storage.remove.bind(service.storage);
  const refuse = jest
    .spyOn(service.storage, "remove")
    .mockImplementation((path) => (path.includes(release) ? Promise.reject(new Error("No.")) : remove(path)));
  await expect(sweep.run()).rejects.toThrow("No.");
  expect([await isThere(fileOf(id, release)), await isThere(old)]).toEqual([true, false]);
  refuse.mockRestore();
  await sweep.run();
  expect(await isThere(fileOf(id, release))).toBe(false);
});
