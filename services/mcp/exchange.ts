/** One HTTP request to the MCP gateway and its answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { SharedErrorCode } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import { clientAddress } from "#mixins/gateway/address.ts";
import { preferredLanguage } from "#mixins/gateway/language.ts";
import { regionOf } from "#mixins/gateway/region.ts";
import { requestIdOf, type Trace, traceOf } from "#mixins/gateway/trace.ts";
import { securityHeaders } from "#mixins/http/headers.ts";
import { faultOf, originForm } from "#mixins/http/target.ts";
import { corsHeaders, isAllowedOrigin } from "./origin.ts";

export const PATH = "/mcp";

/** What the SDK reads of a request. */
const isOfProtocol = (name: string): boolean => name === "accept" || name === "content-type" || name.startsWith("mcp-");

export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  readonly trace: Trace;
  /** Names and values that are sent with every answer, whatever happens. */
  readonly headers: string[];

  constructor(req: IncomingMessage, res: ServerResponse) {
    const { headers } = req;
    const target = originForm(req.url!);
    this.req = req;
    this.res = res;
    this.path = target.replace(/\?.*$/s, "");
    this.trace = traceOf(headers["traceparent"] as string | undefined);
    const { traceId, spanId } = this.trace;
    this.headers = [
      ...securityHeaders,
      "Cache-Control",
      "no-store",
      "Vary",
      "Accept-Language, Origin",
      "X-Request-Id",
      requestIdOf(headers["x-request-id"], traceId),
      "traceparent",
      `00-${traceId}-${spanId}-01`,
      ...corsHeaders(headers.origin),
    ];
  }

  get language(): Language | undefined {
    return preferredLanguage(this.req.headers["accept-language"]);
  }

  get region(): string | undefined {
    return regionOf((name) => this.req.headers[name]);
  }

  get address(): string {
    return clientAddress(this.req.socket, this.req.headers["x-forwarded-for"]);
  }

  /** Why the request does not reach MCP, if it does not. */
  get refusal(): SharedErrorCode | undefined {
    const { method, headers } = this.req;
    const fault = faultOf(this.req, this.path);
    if (fault) return fault;
    if (this.path !== PATH) return "NOT_FOUND";
    if (headers.origin !== undefined && !isAllowedOrigin(headers.origin)) return "FORBIDDEN";
    return method === "POST" || method === "OPTIONS" ? undefined : "METHOD_NOT_ALLOWED";
  }

  /** As the SDK takes it; its body was read before. */
  request(): Request {
    const headers = Object.entries(this.req.headers).filter(
      (entry): entry is [string, string] => isOfProtocol(entry[0]) && typeof entry[1] === "string",
    );
    const gone = new AbortController();
    this.res.once("close", () => gone.abort());
    return new Request(`http://gateway${PATH}`, { method: "POST", headers, signal: gone.signal });
  }

  send(status: number, body: string, headers: readonly string[] = []): void {
    const length = ["Content-Length", String(Buffer.byteLength(body))];
    this.res.writeHead(status, [...this.headers, ...headers, ...(status === 204 ? [] : length)]);
    this.res.end(body);
  }

  /** Passes an answer of the SDK on. A client that leaves in the middle of it is no failure. */
  async pass({ status, headers, body }: Response): Promise<void> {
    const type = headers.get("content-type");
    this.res.writeHead(status, [...this.headers, ...(type === null ? [] : ["Content-Type", type])]);
    if (body === null) this.res.end();
    else await pipeline(Readable.fromWeb(body as never), this.res).catch(() => this.res.destroy());
  }
}
