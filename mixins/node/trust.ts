/**
 * Decides which packets a node believes. NATS lets the user of each service publish in the name of that service only,
 * and the subject holds the name. The packet's content names its sender too, which NATS does not read, so it is
 * compared with the subject here.
 */
import { ANY } from "./topology.ts";
import { isFormed } from "./packet.ts";

/** Foreign Moleculer nodes: they may call and listen, but nobody calls them. */
export const GUEST = "guest";

export interface Payload {
  readonly sender?: unknown;
  readonly id?: unknown;
  readonly ver?: unknown;
  readonly event?: unknown;
  groups?: unknown;
  services?: unknown;
  meta?: unknown;
}

interface Announced {
  readonly name: string;
  readonly fullName: string;
  readonly actions?: Readonly<Record<string, { readonly name: string; readonly strategy?: unknown }>> | null;
  readonly events?: Readonly<Record<string, Heard>> | null;
}

interface Heard {
  readonly name: string;
  readonly group?: string;
  readonly strategy?: unknown;
}

/** Letters and digits in parts. A node's id becomes part of subjects, in which `*` and `>` are wildcards. */
const ID = /^[\w$-]+(?:\.[\w$-]+)+$/;
const LONGEST_ID = 128;
const FULL_NAME = /^(?:v\d+\.)?([\w$-]+)$/;
/** Events are compared with patterns. Moleculer makes regular expressions of them, some of which block for minutes. */
const PATTERN = /^(?:(?:[\w$-]+|\*)\.)*(?:[\w$-]+|\*{1,2})$/;
const LONGEST_PATTERN = 128;
/** The deepest nesting of an announcement, more than twice as deep as ours. */
const DEEPEST = 40;

/** Events that every node may send about itself. */
const gossip = new Set(["breaker.changed", "live.changed"]);
/** Nobody calls guests, so they have nothing to answer, and their events concern nobody. */
const deniedToGuests = new Set(["RES", "EVENT"]);

const isPattern = (name: unknown): boolean =>
  typeof name === "string" && name.length <= LONGEST_PATTERN && PATTERN.test(name);

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

/**
 * A node may announce its own service, or one of those that every node has (`$node`). It may not claim another
 * service's actions or groups, nor a balancing strategy, because callers would apply it with as many shards as it
 * likes.
 */
const mayRun = (from: string, { name, fullName, actions, events }: Announced): boolean =>
  (name === from || name.startsWith("$")) &&
  FULL_NAME.exec(fullName)?.[1] === name &&
  Object.values(actions ?? {}).every(
    (action) => action.name.startsWith(`${fullName}.`) && action.strategy === undefined,
  ) &&
  Object.values(events ?? {}).every(
    ({ name: event, group, strategy }) =>
      isPattern(event) && (group === undefined || group === name) && strategy === undefined,
  );

/** A service may send only events that begin with its own name. */
const mayTell = (from: string, event: unknown): boolean =>
  typeof event === "string" && (gossip.has(event) || event.startsWith(`${from}.`));

/**
 * The objection to a packet; null when it is believed.
 * @param from the sender in its subject
 * @param command of Moleculer's protocol, such as `INFO`
 */
export function objection(from: string, command: string, payload: Payload): string | null {
  const { sender } = payload;
  if (typeof sender !== "string" || sender.length > LONGEST_ID || !ID.test(sender)) return "has no proper sender";
  if (!sender.startsWith(`${from}.`)) return "names another as its sender";
  if (!isFormed(command, payload)) return "is malformed";
  if (command === "INFO" && !isShallow(payload, DEEPEST)) return "is malformed";
  if (from === ANY) return null;
  if (from === GUEST) return deniedToGuests.has(command) ? "is not for guests" : null;
  if (command === "EVENT" && !mayTell(from, payload.event)) return "tells what is another's";
  try {
    if (command === "INFO" && !(payload.services as Announced[]).every((one) => mayRun(from, one)))
      return "announces what is another's, or what nobody could serve";
  } catch {
    return "is malformed";
  }
  return null;
}

/** A guest's services reduced to their event handlers, in a group and under names that nobody else has. */
export const guestServices = (services: readonly Announced[]): readonly object[] =>
  services.map(({ name, events }) => ({
    name: `${GUEST}:${name}`,
    fullName: `${GUEST}:${name}`,
    settings: {},
    metadata: {},
    actions: {},
    events: Object.fromEntries(
      Object.keys(events ?? {})
        .filter(isPattern)
        .map((event) => [event, { name: event, group: GUEST }]),
    ),
  }));

/** Every announced name that Moleculer keeps, even long after its node has left. */
export const namesOf = (services: readonly Announced[]): readonly string[] =>
  services.flatMap(({ fullName, actions, events }) => [
    fullName,
    ...Object.values(actions ?? {}).map(({ name }) => name),
    ...Object.values(events ?? {}).map(({ name }) => name),
  ]);

/**
 * The part of an answer's meta that is merged into the caller's: how to present the answer. No node may change on whose
 * behalf the caller works.
 */
export const metaOfAnswer = (meta: unknown): object =>
  Object.fromEntries(Object.entries(meta ?? {}).filter(([name]) => name.startsWith("$")));
