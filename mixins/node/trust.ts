/**
 * What a node is believed. NATS lets each service's user publish in the name of that service only, and its name is part of
 * the subject; a packet says more of its sender, which NATS does not read: here it is held to the subject.
 */
import { ANY } from "./topology.ts";
import { isFormed } from "./packet.ts";

/** Moleculer nodes of others: they may ask and hear, and are asked nothing. */
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

/** Parts of letters and digits: a node's id becomes part of subjects, in which `*` and `>` stand for others. */
const ID = /^[\w$-]+(?:\.[\w$-]+)+$/;
const LONGEST_ID = 128;
const FULL_NAME = /^(?:v\d+\.)?([\w$-]+)$/;
/** What an event is compared with. Moleculer makes an expression of it, and some would hold every node for minutes. */
const PATTERN = /^(?:(?:[\w$-]+|\*)\.)*(?:[\w$-]+|\*{1,2})$/;
const LONGEST_PATTERN = 128;
/** Levels of what is announced; more than twice what ours has. */
const DEEPEST = 40;

/** What any node tells of itself. */
const gossip = new Set(["breaker.changed", "live.changed"]);
/** Nobody asks guests, so they answer nobody, and what they tell concerns nobody. */
const deniedToGuests = new Set(["RES", "EVENT"]);

const isPattern = (name: unknown): boolean =>
  typeof name === "string" && name.length <= LONGEST_PATTERN && PATTERN.test(name);

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== "object" ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

/**
 * Its own service, or one of those that every node has (`$node`), with no action or group of another's, and no strategy:
 * whoever asks would balance by it, over as many places as it likes.
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

/** Every event begins with the service whose it is. */
const mayTell = (from: string, event: unknown): boolean =>
  typeof event === "string" && (gossip.has(event) || event.startsWith(`${from}.`));

/**
 * What is wrong with a packet; null when it is believed.
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

/** A guest's services with what they hear, in a group of their own and under names that are nobody else's. */
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

/** Every name that Moleculer keeps of what was announced, also when its node is long gone. */
export const namesOf = (services: readonly Announced[]): readonly string[] =>
  services.flatMap(({ fullName, actions, events }) => [
    fullName,
    ...Object.values(actions ?? {}).map(({ name }) => name),
    ...Object.values(events ?? {}).map(({ name }) => name),
  ]);

/** Of what an answer adds to the caller's meta: how to answer. Whose behalf it is on is nobody's to change. */
export const metaOfAnswer = (meta: unknown): object =>
  Object.fromEntries(Object.entries(meta ?? {}).filter(([name]) => name.startsWith("$")));
