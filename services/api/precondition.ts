/**
 * If-Match (RFC 9110 section 13.1.1): a change is made only to the state that its client has seen. An action that knows
 * versions compares its own version in the transaction of the change. For all others, and when a request is refused for
 * another reason, the present state is read and compared, because a given precondition is never ignored, and comes
 * before the content.
 */
import type { ActionDefinition } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import type { JsonSchema } from "#core/schema.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { entityTag, expectedTags, versionIn } from "./etag.ts";
import { parametersOf } from "./input.ts";
import { restRoute, type RestRoute } from "./route.ts";

/** Calls an action of the same service on behalf of the client. */
type Call = (action: string, input: object) => Promise<unknown>;

/** Reads the tag of the present state; undefined when the client may not see it, or nothing exists. */
type Current = (values: readonly string[], call: Call) => Promise<string | undefined>;

/** The error of a request apart from its precondition. */
const CONTENT: ReadonlySet<number> = new Set([400, 402, 409, 413, 415, 422]);
/** The client may not see the present state, or there is none. */
const UNSEEN: ReadonlySet<number> = new Set([401, 403, 404]);

const codeOf = (error: unknown): number => (error as { code?: number }).code ?? 500;

/** The route that shows what this one changes: GET of its path, or of the nearest parent with a version. */
function reading(service: Described, { path }: RestRoute): readonly [action: string, path: string] | undefined {
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = Object.entries(service.actions).find(([, definition]) => {
      const route = restRoute(service, definition);
      return route?.method === "GET" && route.path === at && (at === path || definition.concurrency === "read");
    });
    if (found) return [found[0], at];
  }
  return undefined;
}

function currentOf(service: Described, route: RestRoute): Current | undefined {
  const found = reading(service, route);
  if (!found) return undefined;
  const [action, path] = found;
  const names = parametersOf(path);
  return async (values, call) => {
    try {
      const input = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index]!)]));
      const answer = await call(action, input);
      return entityTag(JSON.stringify(answer ?? null), answer);
    } catch (error) {
      if (UNSEEN.has(codeOf(error))) return undefined;
      throw error;
    }
  };
}

/** True also for a state that the client may not see; the change itself then gives the reason. */
const isAmong = (tags: readonly string[], current: string | undefined): boolean =>
  current === undefined ||
  tags.some((tag) => tag === current || (versionIn(tag) !== undefined && versionIn(tag) === versionIn(current)));

/** Versions that the action's input can hold. */
function versionsIn(tags: readonly string[], { input }: ActionDefinition): number[] {
  const { version } = (input as JsonSchema).properties ?? {};
  if (!version) return [];
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = version;
  const versions = new Set(tags.map(versionIn));
  return [...versions].filter((one) => one !== undefined).filter((one) => one >= minimum && one <= maximum);
}

export interface Change {
  readonly ifMatch: string;
  /** Of the path's parameters. */
  readonly values: readonly string[];
  readonly call: Call;
  /** Makes the change, if the version is this one where a version is given. */
  readonly make: (version?: number) => Promise<unknown>;
}

/** @throws STALE_VERSION, MALFORMED_REQUEST for invalid tags, and the errors of the change */
export type Guard = (change: Change) => Promise<unknown>;

export function guardOf(service: Described, route: RestRoute, definition: ActionDefinition): Guard {
  const current = currentOf(service, route);
  const stale = () => sharedError("STALE_VERSION");

  /** The present one of several versions. If another request changes it before this one does, this one is refused. */
  async function choose(versions: readonly number[], { values, call }: Change): Promise<number> {
    const known = versions.length > 1 ? versionIn((await current?.(values, call)) ?? "") : undefined;
    return versions.find((one) => one === known) ?? versions[0]!;
  }

  return async (change) => {
    const { ifMatch, values, call, make } = change;
    const tags = expectedTags(ifMatch);
    if (!tags) return make();
    if (definition.concurrency !== "write") {
      if (!current || !isAmong(tags, await current(values, call))) throw stale();
      return make();
    }
    const versions = versionsIn(tags, definition);
    if (versions.length === 0) throw stale();
    try {
      return await make(await choose(versions, change));
    } catch (error) {
      const isStale = CONTENT.has(codeOf(error)) && current && !isAmong(tags, await current(values, call));
      throw isStale ? stale() : error;
    }
  };
}
