/** The export of a person's data, put together from the actions whose contracts mark them as a part of it. */
import type { Context } from "moleculer";
import Type from "typebox";
import { timestamp } from "#core/clock.ts";
import { decodeCursor, encodeCursor, Key, notOfThisList } from "#core/cursor.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { isOwnPart } from "./ownership.ts";

/** One answer holds a few pages of at most 512 KiB. The rest comes with the next answer. */
const PAGES = 40;

/** A part, and the cursor within it. */
const Place = Type.Tuple([Key, Key]);

interface Part {
  readonly name: string;
  readonly action: string;
  readonly isPaged: boolean;
}

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** A cart has items too, and is whole. */
function isPage(answer: unknown): answer is Page {
  const { items, nextCursor } = (answer ?? {}) as Partial<Page>;
  return Array.isArray(items) && nextCursor !== undefined;
}

/** Sorted by name, so that a cursor means the same in every gateway. */
const partsOf = (services: readonly Described[]): Part[] =>
  services
    .flatMap(({ name, version, actions }) =>
      Object.entries(actions).flatMap(([key, { export: part, input }]): Part[] =>
        part && isOwnPart(name, part)
          ? [{ name: part, action: `v${version}.${name}.${key}`, isPaged: "cursor" in properties(input) }]
          : [],
      ),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const properties = (schema: object): object => (schema as { properties?: object }).properties ?? {};

/** Called with the person's own token, so each service answers what they may see, or its error. */
export async function exported(ctx: Context, services: readonly Described[], cursor: string | undefined) {
  const parts = partsOf(services);
  const place = decodeCursor(cursor, Place);
  // A part without pages has no cursor.
  if (place && !parts.some(({ name, isPaged }) => name === place[0] && (isPaged || place[1] === "")))
    throw notOfThisList();
  const [first, within] = place ?? ["", ""];
  const answer: Record<string, unknown> = {};
  let pages = 0;
  for (const { name, action, isPaged } of parts.filter((part) => part.name >= first)) {
    let next: string | null = name === first ? within : "";
    while (next !== null) {
      if (pages === PAGES) return { ...answer, exportedAt: timestamp(), nextCursor: encodeCursor([name, next]) };
      pages += 1;
      const paging: object = isPaged ? { limit: 100, ...(next !== "" && { cursor: next }) } : {};
      const part: unknown = await ctx.call(action, paging);
      answer[name] = isPage(part) ? [...((answer[name] as unknown[]) ?? []), ...part.items] : part;
      next = isPage(part) ? part.nextCursor : null;
    }
  }
  return { ...answer, exportedAt: timestamp(), nextCursor: null };
}
