/** One request and its answer: the client, the request id, and the headers that every answer carries. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { clientAddress } from "#mixins/gateway/address.ts";
import type { Language } from "#core/text.ts";
import { preferredLanguage } from "#mixins/gateway/language.ts";
import { regionOf } from "#mixins/gateway/region.ts";
import { requestIdOf, type Trace, traceOf } from "#mixins/gateway/trace.ts";
import { securityHeaders } from "#mixins/http/headers.ts";
import { originForm } from "#mixins/http/target.ts";
import { corsHeaders, pageHeaders } from "./headers.ts";

const JSON_TYPE = "application/json; charset=utf-8";

const base: readonly string[] = [...securityHeaders, "Vary", "Accept-Language, Origin"];

export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  /** The text after `?`. */
  readonly query: string;
  readonly trace: Trace;
  readonly requestId: string;
  readonly startedAt = performance.now();
  /** The name of the route's action, once it is known. */
  route = "";
  /** Names and values that are sent with every answer, whatever happens. */
  readonly headers: string[];

  constructor(req: IncomingMessage, res: ServerResponse) {
    const { headers } = req;
    const url = originForm(req.url!);
    const end = url.indexOf("?");
    this.req = req;
    this.res = res;
    this.path = end < 0 ? url : url.slice(0, end);
    this.query = end < 0 ? "" : url.slice(end + 1);
    this.trace = traceOf(headers["traceparent"] as string | undefined);
    const { traceId, spanId } = this.trace;
    this.requestId = requestIdOf(headers["x-request-id"], traceId);
    const traceparent = `00-${traceId}-${spanId}-01`;
    this.headers = [
      ...base,
      "X-Request-Id",
      this.requestId,
      "traceparent",
      traceparent,
      ...corsHeaders(headers.origin),
    ];
  }

  get language(): Language | undefined {
    return preferredLanguage(this.req.headers["accept-language"]);
  }

  get region(): string | undefined {
    return regionOf((name) => this.req.headers[name]);
  }

  /** The client of the request, as far as it is known without a sign-in. */
  get address(): string {
    return clientAddress(this.req.socket, this.req.headers["x-forwarded-for"]);
  }

  /** Milliseconds since the request arrived. */
  get elapsed(): number {
    return performance.now() - this.startedAt;
  }

  /** For a page: sets its headers, and the id and path that moleculer-web would otherwise take unchecked. */
  prepare(): void {
    const { headers, path, query, req, res } = this;
    req.url = query === "" ? path : `${path}?${query}`;
    req.headers["x-request-id"] = this.requestId;
    delete req.headers["x-correlation-id"];
    for (let index = 0; index < headers.length; index += 2) res.setHeader(headers[index]!, headers[index + 1]!);
    for (const [name, value] of pageHeaders) res.setHeader(name, value);
  }

  /** @param headers names and values in turn */
  sendJson(status: number, body: string | Buffer, headers: readonly string[] = [], type = JSON_TYPE): void {
    this.send(status, body, headers, type);
  }

  send(status: number, body: string | Buffer, headers: readonly string[], type: string): void {
    const { res } = this;
    res.writeHead(status, [
      ...this.headers,
      ...headers,
      "Content-Type",
      type,
      "Content-Length",
      String(Buffer.byteLength(body)),
    ]);
    res.end(body);
  }

  sendNothing(status: number, headers: readonly string[] = []): void {
    this.res.writeHead(status, [...this.headers, ...headers]);
    this.res.end();
  }
}
