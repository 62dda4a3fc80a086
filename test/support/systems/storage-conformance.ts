/** What every storage of files promises. One spec runs it over all of them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { newId } from "#core/id.ts";
import type { Storage } from "#mixins/storage/storage.ts";

/** What storing leaves when its process dies in the middle of it. */
interface Drafts {
  /** Begins to store something, and does not end it. */
  leave(): Promise<void>;
  count(): Promise<number>;
}

export function storageConformance(name: string, open: () => Promise<Storage>, drafts: Drafts): void {
  describe(`the storage ${name}`, () => {
    let storage: Storage;
    let folder: string;
    beforeAll(async () => {
      storage = await open();
      folder = mkdtempSync(join(tmpdir(), "madang-storage-"));
    });
    afterAll(() => {
      storage.close();
      rmSync(folder, { recursive: true });
    });

    const put = (key: string, text: string, ifAbsent = false) => storage.put(key, Buffer.from(text), { ifAbsent });
    const textOf = async (key: string, range?: { start: number; end: number }) => {
      const found = await storage.read(key, range ? { range } : {});
      return found && (await buffer(found.stream)).toString();
    };
    const keysIn = async (path: string) => (await Array.fromAsync(storage.list(path))).map(({ key }) => key);

    it("keeps bytes and files, replaces them, and tells their size", async () => {
      const key = `t/${newId()}/a.bin`;
      expect([await storage.read(key), await storage.stat(key)]).toEqual([null, null]);
      expect(await put(key, "one")).toBe(true);
      const first = await storage.stat(key);
      const file = join(folder, "source");
      writeFileSync(file, "another");
      await storage.put(key, { file });
      expect(await textOf(key)).toBe("another");
      const second = await storage.stat(key);
      expect(second).toEqual({ size: 7, etag: expect.any(String) });
      expect(second!.etag).not.toBe(first!.etag);
      const { stream, ...about } = (await storage.read(key))!;
      stream.destroy();
      expect(about).toEqual(second);
    });

    it("reads a range, which it cuts at the end", async () => {
      const key = `t/${newId()}`;
      await put(key, "0123456789");
      expect(await textOf(key, { start: 2, end: 4 })).toBe("234");
      expect(await textOf(key, { start: 8, end: 100 })).toBe("89");
      expect(await textOf(key, { start: 10, end: 11 })).toBeNull();
      const found = await storage.read(key, { range: { start: 1, end: 1 } });
      found!.stream.destroy();
      expect(found!.size).toBe(10);
    });

    it("lets one of several store what is not there yet", async () => {
      const key = `t/${newId()}`;
      const texts = ["a", "b", "c", "d"];
      const stored = await Promise.all(texts.map((text) => put(key, text, true)));
      expect(stored.filter(Boolean)).toEqual([true]);
      expect(await textOf(key)).toBe(texts[stored.indexOf(true)]);
    });

    it("lists and removes what is below a folder, and nothing beside it", async () => {
      const top = `t/${newId()}`;
      const keys = [`${top}/b`, `${top}/a/1`, `${top}x/1`];
      await Promise.all(keys.map((key) => put(key, "x")));
      expect(await keysIn(top)).toEqual([keys[1], keys[0]]);
      await storage.remove(top);
      expect([await keysIn(top), await keysIn(`${top}x`)]).toEqual([[], [keys[2]]]);
      await storage.remove(keys[2]!);
      await storage.remove(keys[2]!);
      expect(await textOf(keys[2]!)).toBeNull();
    });

    it("removes what was begun before a time and did not end, and nothing that ended", async () => {
      const key = `t/${newId()}`;
      await put(key, "whole");
      await drafts.leave();
      await storage.removeDrafts(Date.now() - 60_000);
      expect(await drafts.count()).toBe(1);
      await storage.removeDrafts(Date.now() + 60_000);
      expect([await drafts.count(), await textOf(key)]).toEqual([0, "whole"]);
      // There is nothing left to remove.
      await storage.removeDrafts(Date.now() + 60_000);
    });

    it.each([
      "",
      "/a",
      "a/",
      "a//b",
      "../a",
      "a/../b",
      "a/.b",
      "A",
      "a\\b",
      "a%2fb",
      "é",
      "a\n",
      `a${"b".repeat(500)}`,
    ])("has nothing under %j, and stores nothing there", async (key) => {
      expect([await storage.read(key), await storage.stat(key), storage.localPath(key)]).toEqual([null, null, null]);
      await expect(put(key, "x")).rejects.toThrow("cannot be a key");
      await expect(storage.remove(key)).rejects.toThrow("cannot be a key");
    });
  });
}
