/** The rules of titles, parts and rights, without storage. */
import Type from "typebox";
import { decodeCursor, Key } from "#core/cursor.ts";
import { folded } from "#core/folding.ts";
import { Id } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import { content } from "./content.contract.ts";
import type { Kind, Titles } from "./description.contract.ts";

/** Where and when something may be watched, with times in milliseconds since the epoch; null is no limit. */
export interface Right {
  readonly regions: readonly string[] | null;
  readonly plans: readonly string[] | null;
  readonly from: number | null;
  readonly until: number | null;
}

/** Who asks: where they are, if that is known, and by what they may watch. */
export interface Viewer {
  readonly region: string | null;
  readonly plan: string | null;
  readonly source: "subscription" | "purchase" | "rental";
}

/** The beginning is inside, the end is outside. */
const isOpen = ({ from, until }: Right, now: number): boolean =>
  (from === null || from <= now) && (until === null || now < until);

/** Whoever is nowhere in particular may watch only what may be watched everywhere. */
const isHere = ({ regions }: Right, region: string | null): boolean =>
  regions === null || (region !== null && regions.includes(region));

/** Who bought or rented something needs no plan. */
const isIncluded = ({ plans }: Right, { source, plan }: Viewer): boolean =>
  source !== "subscription" || plans === null || (plan !== null && plans.includes(plan));

/**
 * How long the viewer may watch: in milliseconds since the epoch, null without an end.
 * @throws NOT_AVAILABLE when it may be watched nowhere here and now, PLAN_REQUIRED when a plan is missing
 */
export function admit(rights: readonly Right[], viewer: Viewer, now: number): number | null {
  const here = rights.filter((one) => isOpen(one, now) && isHere(one, viewer.region));
  if (here.length === 0) throw content.error("NOT_AVAILABLE");
  const ends = here.filter((one) => isIncluded(one, viewer)).map(({ until }) => until);
  if (ends.length === 0) throw content.error("PLAN_REQUIRED");
  return ends.includes(null) ? null : Math.max(...(ends as number[]));
}

/** The title in the reader's language, or in the other one. */
export function titleIn({ en, ko }: Titles, language: Language = "en"): string {
  const [first, second] = language === "ko" ? [ko, en] : [en, ko];
  return (first ?? second)!.title;
}

/** The text that a search for a title looks in. */
export const searchText = (...texts: readonly (string | null | undefined)[]): string =>
  folded(texts.filter(Boolean).join("\n"));

/** The folder in the storage with everything that is played. */
export const folderOf = (videoId: string, release: string): string => `v/${videoId}/${release}`;

/** What was uploaded, as it came. */
export const sourceKey = (sourceId: string): string => `sources/${sourceId}`;

/** A poster of a video, in the storage. */
export const posterKey = (videoId: string, posterId: string): string => `posters/${videoId}/${posterId}`;

/** What a part may belong to. */
export const parentOf: Readonly<Record<Kind, Kind | null>> = {
  film: null,
  series: null,
  season: "series",
  episode: "season",
};

/** A film and an episode are played; the others have parts. */
export const isPlayed = (kind: Kind): boolean => kind === "film" || kind === "episode";

export const orders = ["newest", "title", "number"] as const;
export type Order = (typeof orders)[number];

/** The position where the page before ended, in a list with this order. @throws VALIDATION_FAILED */
export function keyIn(cursor: string | undefined, order: Order): { key: string | number; id: string } | null {
  const key = order === "number" ? Type.Integer({ minimum: 0, maximum: 10_000 }) : Key;
  const position = decodeCursor(cursor, Type.Tuple([Type.Literal(order), key, Id]));
  return position && { key: position[1], id: position[2] };
}
