/** Checks a request's first line and framing before anything else (RFC 9112). */
import type { IncomingMessage } from "node:http";
import { holdsCardNumber } from "#core/card.ts";
import type { SharedErrorCode } from "#core/errors.ts";

/** RFC 3986 section 3.2.2, with an optional port. Whether a name exists is checked elsewhere. */
const NAME = "(?:\\[[\\w.:]+\\]|(?:[\\w.~!$&'()*+,;=-]|%[\\da-f]{2})*)";
const HOST = new RegExp(`^${NAME}(?::\\d*)?$`, "i");
/** Of a target with a host; one without, or with somebody's name before it, has none (RFC 9110 section 4.2). */
const AUTHORITY = new RegExp(`^https?://(?![:/?#]|$)${NAME}(?::\\d*)?(?=[/?#]|$)`, "i");

/** Path and query of a request's target, also of an absolute one, which every server must accept (section 3.2.2). */
export function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const rest = target.replace(AUTHORITY, "");
  return rest === "" || rest.startsWith("?") ? `/${rest}` : rest;
}

function isDecodable(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** A path in a form for the log, without card numbers, however they are encoded. */
export function loggable(path: string): string {
  const text = isDecodable(path) ? decodeURIComponent(path) : path;
  return holdsCardNumber(text) ? "a path with a card number" : path;
}

/** Exactly one Host header, because two readers could choose different ones (section 3.2). */
function hasOneHost({ httpVersion, headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.host === undefined) return httpVersion === "1.0";
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]!.length === 4 && rawHeaders[index]!.toLowerCase() === "host") count += 1;
  }
  return count === 1 && HOST.test(headers.host);
}

/** The fault of a request, whatever it asks for. `path` is that of its target. */
export function faultOf(req: IncomingMessage, path: string): SharedErrorCode | undefined {
  const coding = req.headers["transfer-encoding"];
  // A reader that takes an unknown coding for plain text reads another body than was sent (section 6.1).
  if (coding !== undefined && coding.toLowerCase() !== "chunked") return "NOT_IMPLEMENTED";
  if (coding !== undefined && req.httpVersion === "1.0") return "MALFORMED_REQUEST";
  if (path === "*") return req.method === "OPTIONS" && hasOneHost(req) ? undefined : "MALFORMED_REQUEST";
  const isPath = path.startsWith("/") && !path.includes("#") && isDecodable(path);
  return isPath && hasOneHost(req) ? undefined : "MALFORMED_REQUEST";
}
