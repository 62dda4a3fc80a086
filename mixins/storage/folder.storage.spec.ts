import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SmallDisk } from "../../test/support/systems/small-disk.ts";
import { storageConformance } from "../../test/support/systems/storage-conformance.ts";
import { FolderStorage } from "./folder.storage.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-folder-"));
afterAll(() => rmSync(folder, { recursive: true }));

const drafts = join(folder, ".drafts");
storageConformance("in a folder", async () => new FolderStorage(folder), {
  async leave() {
    mkdirSync(drafts, { recursive: true });
    writeFileSync(join(drafts, "begun"), "half");
  },
  count: async () => readdirSync(drafts).length,
});

const disk = SmallDisk.make(1);
(disk ? it : it.skip)("stores nothing of what does not fit on the disk, and leaves nothing behind", async () => {
  const storage = new FolderStorage(disk!.path);
  await storage.put("a/old", Buffer.from("old"));
  await expect(storage.put("a/old", Buffer.alloc(2_000_000))).rejects.toMatchObject({ code: "ENOSPC" });
  expect(await storage.stat("a/old")).toMatchObject({ size: 3 });
  expect(readdirSync(join(disk!.path, ".drafts"))).toEqual([]);
  disk!.dispose();
});
