/** Storage of files that are not rows: films, images. A folder, or any store that speaks S3, behind one interface. */
import type { Readable } from "node:stream";

/** The first and the last byte, both inside, counted from 0. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Stat {
  /** Bytes of the whole object. */
  readonly size: number;
  /** Changes when the content does. Without quotes. */
  readonly etag: string;
}

export interface Reading extends Stat {
  /** Of the range, or of everything. */
  readonly stream: Readable;
}

export interface Entry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was stored, in milliseconds since the epoch. */
  readonly storedAt: number;
}

/** What is stored: bytes, or a local file, which stays where it is. */
export type Body = Uint8Array | { readonly file: string };

/**
 * Keys are paths of lower-case words, such as `v/<id>/240p/init.mp4`. A key that is none is never found, and cannot be
 * stored.
 */
export interface Storage {
  /**
   * Stores an object whole or not at all, durably; one that was there is replaced.
   * @param options with `ifAbsent`, nothing is replaced
   * @returns false when there was one and `ifAbsent` is given: of several who ask, one gets true
   * @throws Error for a wrong key, or when nothing can be stored; its `code` is ENOSPC for a full disk
   */
  put(key: string, body: Body, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;
  /** Null when there is none. A range beyond the end is cut; one that begins beyond it is null as well. */
  read(key: string, options?: { readonly range?: Range }): Promise<Reading | null>;
  stat(key: string): Promise<Stat | null>;
  /** The objects below a folder, in the order of their keys. */
  list(folder: string): AsyncIterable<Entry>;
  /**
   * Removes the object of this key, or all below this folder. What is not there is no error.
   * @throws Error when something is still there
   */
  remove(path: string): Promise<void>;
  /** Removes what storing has left that began before this time and did not end, because its process died. */
  removeDrafts(before: number): Promise<void>;
  /** Where the object is a file of this machine; null when it has to be read. */
  localPath(key: string): string | null;
  close(): void;
}

const KEY = /^[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;
const LONGEST_KEY = 500;

/** No part begins with a dot, so none leads out of the folder, and none is a temporary file. */
export const isKey = (key: string): boolean => key.length <= LONGEST_KEY && KEY.test(key);

/** @throws Error when it is no key */
export function checkedKey(key: string): string {
  if (!isKey(key)) throw new Error(`${JSON.stringify(key.slice(0, 100))} cannot be a key of the storage.`);
  return key;
}
