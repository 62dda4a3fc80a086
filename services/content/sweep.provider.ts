/** Removes what nobody needs any more, from the storage and from the folders of this machine. Doing it twice changes nothing. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { now } from "#core/clock.ts";
import type { Entry, Storage } from "#mixins/storage/storage.ts";
import { folderOf, sourceKey } from "./content.model.ts";
import type { Db } from "./content.tables.ts";
import { fateOf, isKept, stays } from "./sweep.model.ts";
import { forget, postersOf, unplayedReleases, usesOf } from "./sweep.repository.ts";

/** Files of releases that are not played. */
export async function sweepReleases(db: Db, storage: Storage): Promise<void> {
  for await (const release of unplayedReleases(db)) {
    const fate = fateOf(release, now());
    if (fate === "stays") continue;
    await storage.remove(folderOf(release.videoId, release.id));
    if (fate === "gone") await forget(db, release.id);
  }
}

/** Uploads that are looked up in the database at a time. */
const PAGE = 500;

/** Uploads that came whole, of which nothing is made. */
export async function sweepSources(db: Db, storage: Storage): Promise<void> {
  const folder = sourceKey("");
  for await (const entries of pages(storage.list(folder.slice(0, -1)), PAGE)) {
    const ids = entries.map(({ key }) => key.slice(folder.length));
    const uses = await usesOf(db, ids);
    for (const [index, { key, storedAt }] of entries.entries())
      if (!isKept(storedAt, uses(ids[index]!), now())) await storage.remove(key);
  }
}

/** Posters that no video shows any more, or whose video was removed. */
export async function sweepPosters(db: Db, storage: Storage): Promise<void> {
  for await (const entries of pages(storage.list("posters"), PAGE)) {
    const shown = await postersOf(
      db,
      entries.map(({ key }) => key.split("/")[1]!),
    );
    for (const { key, storedAt } of entries)
      if (!shown.has(key) && storedAt + stays.late <= now()) await storage.remove(key);
  }
}

async function* pages(entries: AsyncIterable<Entry>, size: number): AsyncGenerator<Entry[]> {
  let page: Entry[] = [];
  for await (const entry of entries) {
    page.push(entry);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** What unfinished storing has left. */
export const sweepDrafts = (storage: Storage): Promise<void> => storage.removeDrafts(now() - stays.draft);

/** Uploads that were not continued: a file and its description. They count from the last bytes that came. */
export async function sweepUploads(folder: string): Promise<void> {
  const files = await filesIn(folder);
  for (const one of Map.groupBy(files, ({ name }) => name.split(".")[0]).values()) {
    const last = Math.max(...one.map(({ changedAt }) => changedAt));
    if (last + stays.upload <= now()) for (const { path } of one) await rm(path, { force: true });
  }
}

/** Folders that dead nodes encoded in. A node that lives changes its own with each piece of work. */
export async function sweepScratch(folder: string, own: string): Promise<void> {
  for (const { name, path, changedAt } of await filesIn(folder))
    if (name !== own && changedAt + stays.draft <= now()) await rm(path, { recursive: true, force: true });
}

async function filesIn(folder: string) {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      // What goes in the same moment is not there.
      const about = await stat(path).catch(() => null);
      return about && { name, path, changedAt: about.mtimeMs };
    }),
  );
  return found.filter((one) => one !== null);
}
