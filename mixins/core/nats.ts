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
  };
}

/**
 * Call it on every new connection that comes back by itself. Two refusals in a row would end it for good, and a server
 * that was restarted may know its users only a moment later. Not an option from the beginning: whoever starts with a wrong
 * password must hear of it.
 */
export function outlastRefusals(connection: NatsConnection): void {
  const { protocol } = connection as NatsConnection & { readonly protocol?: { readonly options: ConnectionOptions } };
  if (protocol) protocol.options.ignoreAuthErrorAbort = true;
}
