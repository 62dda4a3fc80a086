/** Uploads as files of this machine, which ffmpeg wants: where they are, or copies that are removed when nobody needs them. */
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setAlarm, now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import { sourceKey } from "../content.model.ts";
import { RefusedSource } from "./probe.model.ts";

interface Copy {
  readonly ready: Promise<string>;
  readonly abort: AbortController;
  readonly path: string;
  users: number;
  /** Ends the wait after which it is removed. */
  keep: () => void;
}

/** Milliseconds for which a copy stays that nobody uses: chunks of one film follow each other. */
const IDLE = 10 * 60_000;

/**
 * A new copy removes those that nobody uses, so that there are never more than encoders of this node.
 * @example
 * await sources.use(storage, sourceId, signal, (file) => encode(file));
 */
export class Sources {
  readonly #folder: string;
  readonly #copies = new Map<string, Copy>();
  readonly #removals = new Set<Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Several that use the same source at the same time share one copy. @throws RefusedSource when there is none */
  async use<T>(
    storage: Storage,
    sourceId: string,
    signal: AbortSignal,
    work: (file: string) => Promise<T>,
  ): Promise<T> {
    const path = storage.localPath(sourceKey(sourceId));
    if (path !== null) return work(path);
    const copy = this.#copies.get(sourceId) ?? this.#begin(storage, sourceId);
    copy.keep();
    copy.users += 1;
    try {
      return await work(await unlessAborted(copy.ready, signal));
    } finally {
      copy.users -= 1;
      if (copy.users === 0) this.#leave(sourceId, copy);
    }
  }

  /** Nobody uses any. */
  async close(): Promise<void> {
    for (const [id, copy] of this.#copies) void this.#remove(id, copy);
    await Promise.all(this.#removals);
  }

  #begin(storage: Storage, sourceId: string): Copy {
    const idle = [...this.#copies].filter(([, { users }]) => users === 0);
    const room = Promise.all(idle.map(([id, copy]) => this.#remove(id, copy)));
    const abort = new AbortController();
    const path = join(this.#folder, `source-${newId()}`);
    const ready = room.then(() => this.#fetch(storage, sourceId, path, abort.signal));
    const copy: Copy = { ready, abort, path, users: 0, keep: () => {} };
    // The next attempt fetches it again.
    ready.catch(() => void this.#remove(sourceId, copy));
    this.#copies.set(sourceId, copy);
    return copy;
  }

  async #fetch(storage: Storage, sourceId: string, path: string, signal: AbortSignal): Promise<string> {
    const found = await storage.read(sourceKey(sourceId));
    if (!found) throw new RefusedSource("NOT_A_VIDEO");
    await mkdir(this.#folder, { recursive: true });
    await pipeline(found.stream, createWriteStream(path), { signal });
    return path;
  }

  #leave(sourceId: string, copy: Copy): void {
    copy.keep = setAlarm(now() + IDLE, () => void this.#remove(sourceId, copy));
  }

  #remove(sourceId: string, copy: Copy): Promise<void> {
    copy.keep();
    if (this.#copies.get(sourceId) === copy) this.#copies.delete(sourceId);
    copy.abort.abort(new Error("Nobody needs this copy any more."));
    const removal = copy.ready
      .then(
        () => {},
        () => {},
      )
      .then(() => rm(copy.path, { force: true }))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
    return removal;
  }
}

/** Several wait for one copy: each only as long as it wants to. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason as Error);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}
