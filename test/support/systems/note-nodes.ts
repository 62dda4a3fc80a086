/** Nodes that publish and read notes, and meet on the bus alone. It reads the settings: import it when they are made. */
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Inbox } from "#mixins/inbox/dead-letters.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { eventually, eventuallyNone } from "../fixtures/eventually.ts";
import { startBroker } from "./broker.ts";
import { type NoteEvent, notePublisher, noteReader } from "./note-events.ts";
import { allNotes, type NoteTables } from "./notes-service.ts";

interface Names {
  readonly db: Database<NoteTables>;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
}

let brokers: ServiceBroker[] = [];
/** Of the reading service. */
let name: string;
let before: (event: NoteEvent) => Promise<void> | void;
let node = 0;

/** Call it before each spec; answers the name of its reading service. */
export function beginNodes(): string {
  name = `reader-${newId()}`;
  brokers = [];
  before = () => {};
  return name;
}

/** Call it after each spec. */
export async function endNodes(): Promise<void> {
  const writing = brokers.find((broker) => local(broker, "note"));
  if (writing) await local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
  await Promise.all(brokers.map((broker) => broker.stop()));
}

/** From here on readers do this before each event's effect. */
export function beforeEffect(act: typeof before): void {
  before = act;
}

export const publisher = (): ServiceSchema => notePublisher();
export const reader = (service: string): ServiceSchema => noteReader(service, { before: (event) => before(event) });

/** A node of its own, which ends with the spec. */
export async function startNode(services: readonly ServiceSchema[], options: object = {}): Promise<ServiceBroker> {
  const broker = await startBroker(services, { nodeID: `spec-${(node += 1)}`, transporter: null as never, ...options });
  brokers.push(broker);
  return broker;
}
export const start = (...services: readonly ServiceSchema[]): Promise<ServiceBroker> => startNode(services);

/** These nodes were stopped by the spec itself. */
export function forget(...stopped: readonly ServiceBroker[]): void {
  brokers = brokers.filter((broker) => !stopped.includes(broker));
}

export const local = (broker: ServiceBroker, service: string): Service & Names =>
  broker.getLocalService({ name: service, version: 1 }) as Service & Names;

export const write = (broker: ServiceBroker, ...ids: readonly string[]): Promise<unknown> =>
  Promise.all(ids.map((id) => broker.call("note.write", { id })));

export const notes = (broker: ServiceBroker, service = name) => local(broker, service).db.all(allNotes, {});
export const read = async (broker: ServiceBroker, service = name) =>
  (await notes(broker, service)).map(({ text }) => text);

const sorted = (texts: readonly (string | null)[]) => texts.toSorted((a, b) => (a! < b! ? -1 : 1)).join();

/** However many they are, on a machine however busy. */
export async function eventuallyRead(broker: ServiceBroker, ids: readonly string[], service = name): Promise<void> {
  await eventuallyNone(async () => Math.max(ids.length - (await read(broker, service)).length, 0));
  await eventually(async () => sorted(await read(broker, service)) === sorted(ids));
}

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** How many events wait in the outbox. */
export const waiting = async (broker: ServiceBroker): Promise<number> =>
  (await local(broker, "note").db.query.selectFrom("outbox").select("id").where("waiting", "is not", null).execute())
    .length;
export const nothingWaits = (broker: ServiceBroker): Promise<void> => eventuallyNone(() => waiting(broker));
