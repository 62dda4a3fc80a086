/** Makes every NATS connection of this process: it has a name, waits for the server, and always reconnects. */
import type { ConnectionOptions, NatsConnection } from "nats";
import { topology } from "./topology.ts";

/**
 * Options for the address of a server. Several addresses are separated by commas; the first holds the credentials.
 * @param purpose of a connection other than the transporter's, whose name is the node's id
 */
export function natsOptions(addresses: string, purpose?: string): ConnectionOptions {
  const urls = addresses.split(",").map((address) => new URL(address.trim()));
  const { username, password } = urls[0]!;
  return {
    servers: urls.map(({ host }) => host),
    name: purpose ? `${topology.nodeId}/${purpose}` : topology.nodeId,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
    ...(urls[0]!.protocol === "tls:" ? { tls: {} } : {}),
    // Nodes and servers may start in any order, and servers restart.
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // Pings, in milliseconds, detect a server behind a broken network, which closes no connection.
    pingInterval: 5000,
    maxPingOut: 2,
    // Without this, each request and publish records a stack trace, which costs more than the message.
    noAsyncTraces: true,
  };
}

/** Internals of the client. */
type Inner = NatsConnection & {
  readonly protocol?: {
    readonly options: ConnectionOptions;
    readonly outbound: { size(): number };
    /** The number of buffered bytes from which on the client flushes with each message. */
    pendingLimit: number;
    flushPending(): void;
  };
};

/**
 * Keeps a connection from giving up. After two refusals in a row the client would close it for good, but a server that
 * was restarted may load its users a moment later. It is called after the first connection only, because a node that
 * starts with a wrong password must report that.
 */
export function outlastRefusals({ protocol }: Inner): void {
  if (protocol) protocol.options.ignoreAuthErrorAbort = true;
}

/** Bytes that are sent before the turn ends, so that the receiver begins while the rest is being made. */
const BURST = 16_384;

/**
 * Sends everything of one turn of the event loop in one packet, or in a few large ones. By itself the client sends
 * after each task of a turn. A busy node has many tasks in a turn, and each packet costs both sides more than the
 * message in it.
 */
export function sendOnceATurn({ protocol }: Inner): void {
  if (!protocol) return;
  const send = protocol.flushPending.bind(protocol);
  let isComing = false;
  protocol.pendingLimit = BURST;
  protocol.flushPending = () => {
    if (protocol.outbound.size() >= BURST) return send();
    if (isComing) return;
    isComing = true;
    setImmediate(() => {
      isComing = false;
      send();
    });
  };
}
