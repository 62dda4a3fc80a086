/** Where an edge gets files: the folder of this machine, or a store that is far away, with a cache on the disk before it. */
import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { dataPath } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";
import { DiskCache } from "#mixins/delivery/disk-cache.ts";
import { FileMemory, type HeldFile } from "#mixins/delivery/file-memory.ts";
import type { Storage } from "#mixins/storage/storage.ts";
import { config } from "./edge.config.ts";

/** Bytes of a file for players; a segment of four seconds has a few million. */
const LARGEST = 64 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

/** A file never changes under its key, so the key and the length say which it is. */
const toFile = (key: string, body: Buffer): HeldFile => ({
  body,
  etag: `"${hash("sha1", `${key}\n${body.length}`, "base64url").slice(0, 16)}"`,
});

export function originOf(storage: Storage): FileMemory {
  let cache: Promise<DiskCache> | undefined;

  const fetched = async (key: string): Promise<Buffer | null> => {
    // Players try another edge, which may hold what this one cannot get.
    const reading = await storage.read(key).catch((error: Error) => {
      throw Object.assign(sharedError("SERVICE_UNAVAILABLE"), { cause: error });
    });
    if (!reading) return null;
    if (reading.size > LARGEST) {
      reading.stream.destroy();
      throw new Error(`${key} has ${reading.size} bytes, more than any file for players.`);
    }
    return buffer(reading.stream);
  };

  const local = (path: string): Promise<Buffer | null> =>
    readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (["ENOENT", "ENOTDIR", "EISDIR"].includes(error.code ?? "")) return null;
      throw error;
    });

  return new FileMemory(config.EDGE_MEMORY * MEGABYTE, async (key) => {
    const path = storage.localPath(key);
    if (path !== null) {
      const body = await local(path);
      return body && toFile(key, body);
    }
    cache ??= DiskCache.open(dataPath("edge-cache"), config.EDGE_DISK * MEGABYTE).catch((error: unknown) => {
      // The next request tries again.
      cache = undefined;
      throw error;
    });
    const body = await (await cache).get(key, () => fetched(key));
    return body && toFile(key, body);
  });
}
