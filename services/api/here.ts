/** Who may see what is for the owner of this machine alone. */
import type { IncomingMessage } from "node:http";
import { addressOf, isLoopback } from "#mixins/gateway/address.ts";
import { config } from "#mixins/gateway/gateway.config.ts";

/** A foreign page whose host name points here sends that name, and so does a proxy that adds no header of its own. */
const isLocalName = (host = ""): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host);

/** True for a client on this machine, without a proxy in between. */
export function isFromHere({ headers, socket }: IncomingMessage): boolean {
  const isForwarded = config.TRUST_PROXY > 0 || headers["x-forwarded-for"] || headers.forwarded || headers.via;
  return !isForwarded && isLocalName(headers.host) && isLoopback(addressOf(socket.remoteAddress));
}
