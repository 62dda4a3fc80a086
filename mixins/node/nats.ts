/** How every connection of this process to NATS is made: named, patient, and never given up. */
import type { ConnectionOptions, NatsConnection } from "nats";
import { topology } from "./topology.ts";

/**
 * Options for a server's address; several addresses are separated by commas, credentials stand in the first.
 * @param purpose of a connection beside the transporter's, whose name is the node's id
 */
export function natsOptions(addresses: string, purpose?: string): ConnectionOptions {
  const urls = addresses.split(",").map((address) => new URL(address.trim()));
  const { username, password } = urls[0]!;
  return {
    servers: urls.map(({ host }) => host),
    name: purpose ? `${topology.nodeId}/${purpose}` : topology.nodeId,
    ...(username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : {}),
    ...(urls[0]!.protocol === "tls:" ? { tls: {} } : {}),
    // Nodes and servers start in any order, and servers come back.
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // Milliseconds: a server behind a cut cable says nothing.
    pingInterval: 5000,
    maxPingOut: 2,
    // Else each request and each publish remembers where it was made, which costs more than the message.
    noAsyncTraces: true,
  };
}

/** What the client keeps to itself. */
type Inner = NatsConnection & {
  readonly protocol?: {
    readonly options: ConnectionOptions;
    readonly outbound: { size(): number };
    /** Bytes from which on it flushes with each message. */
    pendingLimit: number;
    flushPending(): void;
  };
};

/**
 * Call it on every new connection that comes back by itself. Two refusals in a row would end it for good, and a server
 * that was restarted may know its users only a moment later. Not an option from the beginning: whoever starts with a wrong
 * password must hear of it.
 */
export function outlastRefusals({ protocol }: Inner): void {
  if (protocol) protocol.options.ignoreAuthErrorAbort = true;
}

/** Bytes that do not wait for the end of a turn: who gets them may begin while the rest is made. */
const BURST = 16_384;

/**
 * What is sent in one turn of the event loop leaves in one packet, or in few large ones. The client sends after each task
 * of a turn, of which a busy node has many, and each packet costs both sides more than a message in it.
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
