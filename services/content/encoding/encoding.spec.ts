/**
 * A film becomes playable, with the real ffmpeg; a file that is no film is refused.
 * @databases sqlite postgres
 */
import { existsSync } from "node:fs";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { localService } from "../../../test/support/systems/local-service.ts";
import type { ContentTables } from "../content.tables.ts";
import * as encodings from "./encoding.repository.ts";
import { EncodingService, textIn } from "../../../test/support/systems/encoding-service.ts";
import { film } from "../../../test/support/systems/footage.ts";

let service: EncodingService;
beforeAll(async () => {
  service = await EncodingService.start();
});
afterAll(() => service.stop());

describe("an encoding", () => {
  let id: string;
  beforeAll(async () => {
    id = await service.begin(film({ seconds: 6 }), true);
    await service.ended(id);
  });

  it("tells how far it is in seconds of film, and publishes the film once", async () => {
    const encoding = await service.call("content.getEncoding", { id });
    expect(encoding).toMatchObject({
      state: "done",
      failure: null,
      waitsFor: null,
      rungs: [{ height: 240 }, { height: 360 }],
    });
    expect(encoding.doneSeconds).toBe(encoding.totalSeconds);
    // Of two rungs, each in two chunks.
    const { durationMs } = await service.call("content.get", { id });
    expect(encoding.totalSeconds).toBeCloseTo((2 * durationMs!) / 1000, 2);
    expect(await service.told(id)).toEqual(["content.encoded", "content.published"]);
    const { items } = await service.call("content.watchEncoding", { id });
    expect(items).toEqual([{ id: expect.any(String), event: "encoding.changed", data: encoding }]);
    expect(await service.call("content.watchEncoding", { id, after: Number(items[0]!.id) })).toEqual({ items: [] });
  });

  it("is refused while another is under way, for what has no video, and without an upload", async () => {
    const titles = { en: { title: "Series" } };
    const series = await service.call("content.create", { kind: "series", titles, rating: 0 });
    const { sourceId } = await service.source(Buffer.from("x"));
    const begin = (video: string, source: string) =>
      service.call("content.createEncoding", { id: video, sourceId: source });
    await expect(begin(series.id, sourceId)).rejects.toMatchObject({ type: "CONTENT_NOT_PLAYED" });
    await expect(begin(id, series.id)).rejects.toMatchObject({ type: "CONTENT_SOURCE_NOT_FOUND" });
    const ends = await Promise.allSettled([1, 2, 3].map(() => begin(id, sourceId)));
    const refusals = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as { type: string }).type] : []));
    expect(refusals).toEqual(["CONTENT_ENCODING_IN_PROGRESS", "CONTENT_ENCODING_IN_PROGRESS"]);
    // The film that is published goes on as it was.
    expect(await service.ended(id)).toMatchObject({ state: "failed", failure: "NOT_A_VIDEO" });
    expect(await service.call("content.get", { id })).toMatchObject({ heights: [240, 360] });
  });
});

it("ends once, however many end it", async () => {
  const { db } = localService<{ db: Database<ContentTables> }>(service.broker, "content");
  const id = newId();
  const { id: video_id } = await service.call("content.create", {
    kind: "film",
    titles: { en: { title: "Race" } },
    rating: 0,
  });
  const row = { id, video_id, source_id: newId(), publishes: 0, revision: 1 };
  await db.write(async (tx) => tx.add(...encodings.add(row)));
  const played = { duration_ms: 1000, rungs: "[]", chapters: "[]", frame_id: null };
  const ends = await Promise.allSettled(
    Array.from({ length: 8 }, () => db.write(async (tx) => tx.add(...encodings.complete(row, played)))),
  );
  expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const refusals = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as Error] : []));
  expect(refusals.every((error) => error instanceof encodings.Ended)).toBe(true);
});

it("encodes again what is played, for what earlier releases did not make of it, from the upload that it was made of", async () => {
  const id = await service.begin(film({ seconds: 2, size: "320x180", name: "short.mkv" }));
  await service.ended(id);
  await service.call("content.createEncoding", { id, ...(await service.source(Buffer.alloc(1000, "no film"))) });
  expect(await service.ended(id)).toMatchObject({ failure: "NOT_A_VIDEO" });
  await service.call("content.createEncoding", { id });
  expect(await service.ended(id)).toMatchObject({ state: "done" });
  expect(textIn(await service.folder(id), "main.m3u8")).toContain("#EXT-X-I-FRAME-STREAM-INF");
  const draft = await service.call("content.create", { kind: "film", titles: { en: { title: "New" } }, rating: 0 });
  const bare = service.call("content.createEncoding", { id: draft.id });
  await expect(bare).rejects.toMatchObject({ type: "CONTENT_SOURCE_NOT_FOUND" });
});

it("removes the files of a film with it", async () => {
  const id = await service.begin(film({ seconds: 2, size: "320x180", name: "short.mkv" }));
  await service.ended(id);
  const folder = await service.folder(id);
  expect(existsSync(folder)).toBe(true);
  await service.call("content.remove", { id });
  await eventually(() => !existsSync(folder));
});

it("refuses a file that is no film, and says so once", async () => {
  const id = await service.begin(Buffer.alloc(100_000, "no film"), true);
  expect(await service.ended(id)).toMatchObject({ failure: "NOT_A_VIDEO" });
  expect(await service.call("content.getDetails", { id })).toMatchObject({ state: "failed", failure: "NOT_A_VIDEO" });
  expect(await service.told(id)).toEqual(["content.failed"]);
});
