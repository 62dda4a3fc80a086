/** Nodes that publish and read notes over a NATS server of the spec's own, and meet on the bus alone. */
import { join } from "node:path";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Inbox } from "#mixins/inbox/dead-letters.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { type Nats, startNats } from "../../../scripts/cluster/servers.ts";
import { eventually } from "../fixtures/eventually.ts";
import type { NoteEvent } from "./note-events.ts";
import type { NoteTables } from "./notes-service.ts";

export const nats: Nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
Object.assign(process.env, { TRANSPORTER: nats.url, BUS: "nats" });

// They read the settings.
const { natsOptions } = await import("#mixins/node/nats.ts");
const { startBroker } = await import("./broker.ts");
const { allNotes } = await import("./notes-service.ts");
const { notePublisher, noteReader } = await import("./note-events.ts");

interface Names {
  readonly db: Database<NoteTables>;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
}

export const STREAM = "madang-note";

export let brokers: ServiceBroker[];
export let admin: NatsConnection;
export let jsm: JetStreamManager;
/** Of the reading service. */
export let name: string;
let before: (event: NoteEvent) => Promise<void> | void;
let node = 0;

/** Call it in a `describe`: each spec has an empty stream, and the server ends with the file. */
export function setUpNatsBus(): void {
  beforeEach(async () => {
    name = `reader-${newId()}`;
    brokers = [];
    before = () => {};
    admin = await connect({ ...natsOptions(nats.url), name: "spec", maxReconnectAttempts: -1 });
    jsm = await admin.jetstreamManager();
    await jsm.streams.delete(STREAM).catch(() => false);
  });
  afterEach(async () => {
    const writing = brokers.find((broker) => local(broker, "note"));
    if (writing) await local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
    await Promise.all(brokers.map((broker) => broker.stop()));
    await admin.close();
  });
  afterAll(() => nats.stop());
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
export const read = async (broker: ServiceBroker) => (await notes(broker)).map(({ text }) => text);

const sorted = (texts: readonly (string | null)[]) => texts.toSorted((a, b) => (a! < b! ? -1 : 1)).join();

export const eventuallyRead = (broker: ServiceBroker, ids: readonly string[]): Promise<boolean> =>
  eventually(async () => sorted(await read(broker)) === sorted(ids));

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** How many events wait in the outbox. */
export const waiting = async (broker: ServiceBroker): Promise<number> =>
  (await local(broker, "note").db.query.selectFrom("outbox").select("id").where("waiting", "is not", null).execute())
    .length;
export const nothingWaits = (broker: ServiceBroker): Promise<boolean> =>
  eventually(async () => (await waiting(broker)) === 0);
