/** Copies of uploads, for a storage that is no folder. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { newId } from "#core/id.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import { RefusedSource } from "./probe.model.ts";
import { Sources } from "./source.provider.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-sources-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A storage of another machine; counts what is read. */
function far() {
  const reads: string[] = [];
  const storage = {
    localPath: () => null,
    read: (key: string) => {
      reads.push(key);
      const stream = Readable.from([Buffer.from(key)]);
      return Promise.resolve(key.endsWith("missing") ? null : { stream, size: key.length, etag: "x" });
    },
  } as unknown as Storage;
  return { reads, storage };
}

const { signal } = new AbortController();
const content = (file: string) => Promise.resolve(readFileSync(file, "utf8"));

it("makes one copy for all that use a source at the same time, and keeps it for the next chunk", async () => {
  const [sources, { reads, storage }, id] = [new Sources(folder), far(), newId()];
  const use = () => sources.use(storage, id, signal, content);
  expect(await Promise.all([use(), use(), use()])).toEqual(Array(3).fill(`sources/${id}`));
  expect(await use()).toBe(`sources/${id}`);
  expect(reads).toEqual([`sources/${id}`]);
  await sources.close();
  expect(readdirSync(folder)).toEqual([]);
});

it("removes what nobody uses before it makes another, and what nobody used for a while", async () => {
  const [sources, { storage }] = [new Sources(folder), far()];
  const files: string[] = [];
  const keep = (file: string) => Promise.resolve(void files.push(file));
  await sources.use(storage, newId(), signal, async (used) => {
    await sources.use(storage, newId(), signal, keep);
    await sources.use(storage, newId(), signal, keep);
    expect(files.map((file) => existsSync(file))).toEqual([false, true]);
    expect(existsSync(used)).toBe(true);
  });
  const start = Date.now();
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask"], now: start });
  await sources.use(storage, newId(), signal, keep);
  jest.advanceTimersByTime(600_000);
  jest.useRealTimers();
  await sources.close();
  expect(readdirSync(folder)).toEqual([]);
});

it("fetches again what it could not fetch, and is not stopped by one of several who gives up", async () => {
  const [sources, { reads, storage }] = [new Sources(folder), far()];
  const id = `${newId()}-missing`;
  for (const _ of [1, 2]) await expect(sources.use(storage, id, signal, content)).rejects.toThrow(RefusedSource);
  expect(reads).toHaveLength(2);
  const stop = new AbortController();
  const shared = newId();
  const stopped = sources.use(storage, shared, stop.signal, content);
  const other = sources.use(storage, shared, signal, content);
  stop.abort(new Error("Stopped."));
  await expect(stopped).rejects.toThrow("Stopped.");
  expect(await other).toBe(`sources/${shared}`);
  await sources.close();
});
