/** Storage in a folder of this machine, or of a network disk that several machines share. */
import { constants } from "node:fs";
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { newId } from "#core/id.ts";
import {
  type Body,
  checkedKey,
  type Entry,
  isKey,
  type Range,
  type Reading,
  type Stat,
  type Storage,
} from "./storage.ts";

/** No key begins with a dot. */
const DRAFTS = ".drafts";

const isMissing = (error: unknown): boolean =>
  ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");

export class FolderStorage implements Storage {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, body: Body, { ifAbsent = false } = {}): Promise<boolean> {
    const path = join(this.#root, checkedKey(key));
    await mkdir(dirname(path), { recursive: true });
    const draft = await this.#draft(body);
    try {
      // A hard link appears whole or not at all, and only once.
      await (ifAbsent ? link(draft, path) : rename(draft, path));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      return false;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** A file with the whole content, on the disk. */
  async #draft(body: Body): Promise<string> {
    const folder = join(this.#root, DRAFTS);
    await mkdir(folder, { recursive: true });
    const draft = join(folder, newId());
    try {
      if ("file" in body) await copyFile(body.file, draft, constants.COPYFILE_FICLONE);
      else await writeFile(draft, body, { mode: 0o600 });
      const file = await open(draft, "r+");
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return draft;
  }

  async read(key: string, { range }: { readonly range?: Range } = {}): Promise<Reading | null> {
    const path = this.localPath(key);
    const about = await this.stat(key);
    if (path === null || about === null || (range && range.start >= about.size)) return null;
    // Opened before it is answered, so that a file which goes now is still read whole.
    const file = await open(path).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    return file && { ...about, stream: file.createReadStream({ ...range }) };
  }

  async stat(key: string): Promise<Stat | null> {
    const path = this.localPath(key);
    if (path === null) return null;
    try {
      const found = await stat(path);
      return found.isFile()
        ? { size: found.size, etag: `${found.size.toString(36)}-${found.mtimeMs.toString(36)}` }
        : null;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async *list(folder: string): AsyncIterable<Entry> {
    const top = join(this.#root, checkedKey(folder));
    const found = await readdir(top, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const paths = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    for (const path of paths.toSorted()) {
      const about = await stat(path).catch(() => null);
      if (about) yield { key: path.slice(this.#root.length + 1), size: about.size, storedAt: about.mtimeMs };
    }
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#root, checkedKey(path)), { recursive: true, force: true });
  }

  async removeDrafts(before: number): Promise<void> {
    const folder = join(this.#root, DRAFTS);
    for (const name of await readdir(folder).catch(() => [])) {
      const draft = join(folder, name);
      const about = await stat(draft).catch(() => null);
      if (about && about.mtimeMs < before) await rm(draft, { force: true });
    }
  }

  localPath(key: string): string | null {
    return isKey(key) ? join(this.#root, key) : null;
  }

  close(): void {}
}
