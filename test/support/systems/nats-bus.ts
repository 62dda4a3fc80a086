/** Nodes that publish and read notes over a NATS server of the spec's own, and meet on the bus alone. */
import { join } from "node:path";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import { type Nats, startNats } from "../../../scripts/cluster/servers.ts";

export const nats: Nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
Object.assign(process.env, { TRANSPORTER: nats.url, BUS: "nats" });

// They read the settings.
const { natsOptions } = await import("#mixins/node/nats.ts");
const { beginNodes, endNodes, ...nodes } = await import("./note-nodes.ts");

export const { beforeEffect, eventuallyRead, forget, local, names, notes, nothingWaits, publisher, read } = nodes;
export const { reader, start, startNode, waiting, write } = nodes;

export const STREAM = "madang-note";

export let admin: NatsConnection;
export let jsm: JetStreamManager;
/** Of the reading service. */
export let name: string;

/** Call it in a `describe`: each spec has an empty stream, and the server ends with the file. */
export function setUpNatsBus(): void {
  beforeEach(async () => {
    name = beginNodes();
    admin = await connect({ ...natsOptions(nats.url), name: "spec", maxReconnectAttempts: -1 });
    jsm = await admin.jetstreamManager();
    await jsm.streams.delete(STREAM).catch(() => false);
  });
  afterEach(async () => {
    await endNodes();
    await admin.close();
  });
  afterAll(() => nats.stop());
}
