/**
 * Copies of files of a storage that is far away, on the disk of this machine, the most recently asked for, within a number
 * of bytes. Files never change under their key, so a copy is good for ever, also after a restart.
 */
import { hash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { newId } from "#core/id.ts";

export class DiskCache {
  readonly #folder: string;
  readonly #limit: number;
  /** Bytes by name, in the order in which they were asked for. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  private constructor(folder: string, limit: number) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** @param limit bytes */
  static async open(folder: string, limit: number): Promise<DiskCache> {
    const cache = new DiskCache(folder, limit);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const names = await readdir(folder);
    // What was not finished when the process died is of no use.
    await Promise.all(
      names.filter((name) => name.includes(".")).map((name) => rm(join(folder, name), { force: true })),
    );
    const whole = await Promise.all(
      names
        .filter((name) => !name.includes("."))
        // Another process may have removed it meanwhile.
        .map(async (name) => ({ name, about: await stat(join(folder, name)).catch(() => null) })),
    );
    const found = whole.flatMap(({ name, about }) =>
      about ? [{ name, size: about.size, mtimeMs: about.mtimeMs }] : [],
    );
    for (const { name, size } of found.toSorted((a, b) => a.mtimeMs - b.mtimeMs)) cache.#note(name, size);
    return cache;
  }

  /** The file, from the disk or by `load`, whose answer is kept. */
  async get(key: string, load: () => Promise<Buffer | null>): Promise<Buffer | null> {
    const name = hash("sha256", key);
    const size = this.#sizes.get(name);
    if (size !== undefined) {
      const body = await readFile(join(this.#folder, name)).catch(() => null);
      this.#forget(name);
      if (body?.length === size) {
        this.#note(name, size);
        void utimes(join(this.#folder, name), new Date(), new Date()).catch(() => {});
        return body;
      }
    }
    const body = await load();
    // A full disk makes an edge slower, and breaks nothing.
    if (body) await this.#keep(name, body).catch(() => {});
    return body;
  }

  async #keep(name: string, body: Buffer): Promise<void> {
    if (body.length > this.#limit) return;
    const draft = join(this.#folder, `${name}.${newId()}`);
    try {
      await writeFile(draft, body, { mode: 0o600 });
      await rename(draft, join(this.#folder, name));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    this.#forget(name);
    this.#note(name, body.length);
    for (const [oldest] of this.#sizes) {
      if (this.#bytes <= this.#limit) return;
      this.#forget(oldest);
      await rm(join(this.#folder, oldest), { force: true });
    }
  }

  #note(name: string, size: number): void {
    this.#sizes.set(name, size);
    this.#bytes += size;
  }

  #forget(name: string): void {
    this.#bytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }
}
