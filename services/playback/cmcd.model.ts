/** What players tell of themselves: CMCD version 2 (CTA-5004-A), a structured-field dictionary (RFC 9651) on each line. */
import { parseDictionary, Token } from "structured-headers";

export const CMCD_TYPE = /^application\/cmcd(?:\s*;|$)/i;

/** Lines of one report. */
const MOST_LINES = 100;

/** One event of a player. */
export interface PlayerEvent {
  /** Grows with each event of a session. */
  readonly number: number;
  /** It had to stop for lack of data. */
  readonly isStall: boolean;
  readonly isFailure: boolean;
}

type Items = ReadonlyMap<string, readonly [unknown, unknown]>;

const bare = (items: Items, key: string): unknown => {
  const value = items.get(key)?.[0];
  return value instanceof Token ? value.toString() : value;
};

/**
 * Reads a report.
 * @param session whose report it must be
 * @returns undefined when it cannot be read, or is another session's
 */
export function readReport(body: string, session: string): readonly PlayerEvent[] | undefined {
  const lines = body.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length > MOST_LINES) return undefined;
  const events: PlayerEvent[] = [];
  for (const line of lines) {
    const event = readLine(line, session);
    if (!event) return undefined;
    events.push(event);
  }
  return events.toSorted((a, b) => a.number - b.number);
}

function readLine(line: string, session: string): PlayerEvent | undefined {
  let items: Items;
  try {
    items = parseDictionary(line);
  } catch {
    return undefined;
  }
  const [number, state] = [bare(items, "sn"), bare(items, "sta")];
  const isOurs = bare(items, "v") === 2 && bare(items, "sid") === session;
  if (!isOurs || typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) return undefined;
  const kind = bare(items, "e");
  return {
    number,
    // Rebuffering, or waiting in the middle of a film.
    isStall: kind === "ps" && state === "r",
    isFailure: kind === "e" || (kind === "ps" && state === "f"),
  };
}
