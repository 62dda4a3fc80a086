/** CORS: which headers pages of the origins that the operator listed may read and send (Fetch standard). */
import { config } from "./http.config.ts";

/** Names of headers. */
interface Names {
  /** Those of answers that a page may read. */
  readonly exposed: readonly string[];
  /** Those that a page may send. */
  readonly accepted: readonly string[];
}

export interface Cors {
  /** The headers with which a page of this origin may read the answer, as names and values in turn; none for an origin that is not listed. */
  readonly headersFor: (origin: string | undefined) => readonly string[];
  /** The headers of the answer to a preflight request (section 4.8). */
  readonly preflightFor: (origin: string | undefined, methods: string) => readonly string[];
}

const none: readonly string[] = [];

export function corsOf({ exposed, accepted }: Names): Cors {
  const shown = exposed.join(", ");
  const byOrigin = new Map<string, readonly string[]>(
    config.CORS_ORIGINS.map((origin) => [
      origin,
      ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", shown],
    ]),
  );
  const headersFor = (origin: string | undefined): readonly string[] =>
    (origin === undefined ? undefined : byOrigin.get(origin)) ?? none;
  return {
    headersFor,
    preflightFor: (origin, methods) =>
      headersFor(origin) === none
        ? none
        : [
            ["Access-Control-Allow-Methods", methods],
            ["Access-Control-Allow-Headers", accepted.join(", ")],
            ["Access-Control-Max-Age", "600"],
          ].flat(),
  };
}
