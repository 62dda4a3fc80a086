/**
 * Posts to an address that a client named. The host is looked up and checked for each connection, so that a name that
 * changes its address (DNS rebinding) leads nowhere else, and a redirect is not followed.
 */
import { lookup as ask } from "node:dns";
import { request as plain } from "node:http";
import { request as secure } from "node:https";
import { isIP, type LookupFunction } from "node:net";

export interface PostAnswer {
  /** Null when none came. */
  readonly status: number | null;
  /** Why none came, such as TIMEOUT, ADDRESS_REFUSED or ECONNREFUSED. */
  readonly error: string | null;
  /** The text of the header Retry-After. */
  readonly retryAfter: string | undefined;
}

interface Parcel {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly signal: AbortSignal;
  /** True for an IP address to which it may be sent. */
  readonly mayReach: (address: string) => boolean;
}

class Refused extends Error {
  readonly code = "ADDRESS_REFUSED";
}

/** Answers those addresses of a host that may be reached. */
const guarded =
  (mayReach: Parcel["mayReach"]): LookupFunction =>
  (hostname, options, callback) => {
    ask(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const reachable = found.filter(({ address }) => mayReach(address));
      const [first] = reachable;
      if (!first) return callback(new Refused(`${hostname} may not be reached.`), []);
      if (options.all) return callback(null, reachable);
      return callback(null, first.address, first.family);
    });
  };

/** Never rejects: what went wrong is part of the answer. The body of the answer is not read. */
export function post(url: URL, { headers, body, signal, mayReach }: Parcel): Promise<PostAnswer> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  // Node asks nobody for the address of a host that is one.
  if (isIP(hostname) !== 0 && !mayReach(hostname))
    return Promise.resolve({ status: null, error: "ADDRESS_REFUSED", retryAfter: undefined });
  return new Promise((resolve) => {
    const length = { "content-length": String(Buffer.byteLength(body)) };
    const options = {
      method: "POST",
      headers: { ...headers, ...length },
      agent: false,
      lookup: guarded(mayReach),
      signal,
    };
    const sending = (url.protocol === "https:" ? secure : plain)(url, options);
    sending.once("response", (answer) => {
      resolve({ status: answer.statusCode!, error: null, retryAfter: answer.headers["retry-after"] });
      answer.destroy();
    });
    const fail = (code: string) => resolve({ status: null, error: code, retryAfter: undefined });
    sending.on("error", ({ code = "FAILED" }: NodeJS.ErrnoException) => fail(signal.aborted ? "TIMEOUT" : code));
    // An answer that switches to another protocol is no answer and no error.
    sending.on("close", () => fail("CLOSED"));
    sending.end(body);
  });
}
