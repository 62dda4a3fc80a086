import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskCache } from "./disk-cache.ts";
import { FileMemory } from "./file-memory.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "madang-cache-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const body = (key: string) => Buffer.from(key.padEnd(100, "."));

describe("a cache on the disk", () => {
  it("fetches what it does not have, keeps it over a restart, and forgets what was not asked for longest", async () => {
    const fetched: string[] = [];
    const get = (cache: DiskCache, key: string) =>
      cache.get(key, async () => {
        fetched.push(key);
        return key === "none" ? null : body(key);
      });
    const cache = await DiskCache.open(folder, 250);
    for (const key of ["a", "b", "a", "c", "none"])
      expect(await get(cache, key)).toEqual(key === "none" ? null : body(key));
    expect(fetched).toEqual(["a", "b", "c", "none"]);
    writeFileSync(join(folder, "half.draft"), "what a killed process left");
    const again = await DiskCache.open(folder, 250);
    for (const key of ["a", "c", "b"]) expect(await get(again, key)).toEqual(body(key));
    expect(fetched).toEqual(["a", "b", "c", "none", "b"]);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

describe("files in memory", () => {
  it("are read once for all who ask at once, within a number of bytes", async () => {
    const read: string[] = [];
    const memory = new FileMemory(250, async (key) => {
      read.push(key);
      return key === "none" ? null : { body: body(key), etag: `"${key}"` };
    });
    await Promise.all([memory.get("a"), memory.get("a"), memory.get("none")]);
    for (const key of ["b", "a", "c", "a", "b", "none"]) await memory.get(key);
    expect(read).toEqual(["a", "none", "b", "c", "b", "none"]);
  });

  it("forget a failure", async () => {
    let isBroken = true;
    const memory = new FileMemory(250, async (key) => {
      if (isBroken) throw new Error("away");
      return { body: body(key), etag: '"a"' };
    });
    await expect(memory.get("a")).rejects.toThrow("away");
    isBroken = false;
    expect(await memory.get("a")).toMatchObject({ etag: '"a"' });
  });
});
