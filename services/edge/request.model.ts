/** What a request asks of an edge: which file, and which part of it. Only what is written exactly as we write it is read. */

export interface Asked {
  readonly token: string;
  /** Such as `v/<video>/<release>`. */
  readonly folder: string;
  /** Below the folder. */
  readonly file: string;
}

const NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";
/** Neither `%` nor `..` nor an empty segment can be in it, so there is nothing to decode and nowhere to climb. */
const PATH = new RegExp(`^/t/([A-Za-z0-9._~-]{1,120})/(v/${NAME}/${NAME})/((?:${NAME}/){0,3}${NAME})$`);
const RUNG = /^(\d{1,4})p\//;
/** With a word for the subtitles that were added, and the lines of its best rung. */
const MASTER = /^main(?:-[0-9a-f]{12})?(?:-\d{1,4})?\.m3u8$/;

/** Undefined for a path that is none of ours. */
export function asked(path: string): Asked | undefined {
  const [, token, folder, file] = PATH.exec(path) ?? [];
  return file === undefined ? undefined : { token: token!, folder: folder!, file };
}

/** Lines of the picture in this file; 0 for one without, such as sound. */
export const heightOf = (file: string): number => Number(RUNG.exec(file)?.[1] ?? 0);

/** True for the playlist of all rungs, which names where to ask for steering. */
export const isMaster = (file: string): boolean => MASTER.test(file);

const types: Readonly<Record<string, string>> = {
  m3u8: "application/vnd.apple.mpegurl",
  m4s: "video/iso.segment",
  mp4: "video/mp4",
  vtt: "text/vtt; charset=utf-8",
  jpg: "image/jpeg",
  webp: "image/webp",
  png: "image/png",
};

/** Undefined for a file that is not for players. */
export const typeOf = (file: string): string | undefined => types[file.slice(file.lastIndexOf(".") + 1)];

/** Of a file: from its first byte on, without the one at the end. */
export interface Part {
  readonly from: number;
  readonly until: number;
}

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The part that a Range header asks for (RFC 9110 section 14.2).
 * @returns null for all of it, also when the header asks for several parts or cannot be read; undefined when there is no
 * such part
 */
export function partOf(header: string | undefined, size: number): Part | null | undefined {
  const [, first, last] = RANGE.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  if (first === "") return Number(last) === 0 ? undefined : { from: Math.max(size - Number(last), 0), until: size };
  if (last !== "" && Number(last) < Number(first)) return null;
  if (Number(first) >= size) return undefined;
  return { from: Number(first), until: last === "" ? size : Math.min(Number(last) + 1, size) };
}

/** Whether a list of entity tags has this one, compared weakly (RFC 9110 section 13.1.2). */
export const hasTag = (list: string | undefined, tag: string): boolean =>
  list !== undefined && (list.trim() === "*" || list.split(",").some((one) => one.trim().replace(/^W\//, "") === tag));
