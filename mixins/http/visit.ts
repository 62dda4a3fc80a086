/** One request to a handler that is mounted at a path, and its answer, with what every request over HTTP has alike. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "#core/contract.ts";
import type { Language } from "#core/text.ts";
import { clientAddress } from "../gateway/address.ts";
import { Count } from "../gateway/admission.ts";
import { admit, type Admitted, type Entrance } from "../gateway/caller.ts";
import { preferredLanguage } from "../gateway/language.ts";
import { requestIdOf, type Trace, traceOf } from "../gateway/trace.ts";
import { quotaHeaders, securityHeaders } from "./headers.ts";
import { originForm } from "./target.ts";

/** Answers without a body (RFC 9110 section 6.4.1). */
const bodyless: ReadonlySet<number> = new Set([204, 304]);

interface Asked {
  readonly auth: Access;
  /** Of staff: the name of the action that it is a part of. */
  readonly permission?: string;
  /** The name of a lower limit and its requests a minute from one address. */
  readonly own?: { readonly of: string; readonly limit: number };
}

export class Visit {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  /** The text after `?`. */
  readonly query: string;
  /** Names and values in turn that are sent with every answer, whatever happens. */
  readonly headers: string[] = [...securityHeaders];
  readonly #entrance: Entrance;
  #trace: Trace | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, entrance: Entrance) {
    const url = originForm(req.url!);
    const end = url.indexOf("?");
    this.req = req;
    this.res = res;
    this.path = end < 0 ? url : url.slice(0, end);
    this.query = end < 0 ? "" : url.slice(end + 1);
    this.#entrance = entrance;
  }

  get trace(): Trace {
    return (this.#trace ??= traceOf(this.req.headers["traceparent"] as string | undefined));
  }

  get language(): Language | undefined {
    return preferredLanguage(this.req.headers["accept-language"]);
  }

  /** The client of the request, as far as it is known without a sign-in. */
  get address(): string {
    return clientAddress(this.req.socket, this.req.headers["x-forwarded-for"]);
  }

  /** Adds the headers by which a request is found again in the logs. */
  identify(): void {
    const { traceId, spanId } = this.trace;
    const id = requestIdOf(this.req.headers["x-request-id"], traceId);
    this.headers.push("X-Request-Id", id, "traceparent", `00-${traceId}-${spanId}-01`);
  }

  /**
   * Counts the request against its limits, and finds out who asks.
   * @throws RATE_LIMITED, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, UNAUTHENTICATED, FORBIDDEN, PERMISSION_MISSING
   */
  async admit({ auth, own, ...rest }: Asked): Promise<Admitted> {
    const count = new Count(this.address);
    const { authorization } = this.req.headers;
    try {
      return await admit(this.#entrance, count, { ...rest, auth, authorization, of: own?.of ?? "", limit: own?.limit });
    } finally {
      this.headers.push(...quotaHeaders(count));
    }
  }

  /** Sets the headers of every answer, for a handler that writes its answer by itself. */
  prepare(): void {
    const { headers, res } = this;
    for (let index = 0; index < headers.length; index += 2) res.setHeader(headers[index]!, headers[index + 1]!);
  }

  /** @param headers names and values in turn */
  send(status: number, body: string | Buffer, headers: readonly string[] = []): void {
    const length = bodyless.has(status) ? [] : ["Content-Length", String(Buffer.byteLength(body))];
    this.res.writeHead(status, [...this.headers, ...headers, ...length]);
    this.res.end(body);
  }
}
