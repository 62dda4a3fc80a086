/** gRPC-Web and Connect on a port of their own, for browsers and whoever speaks HTTP/1.1. Loaded only where that port is set. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError, cors as ofConnect, createContextValues } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { sharedError } from "#core/errors.ts";
import { clientAddress } from "#mixins/gateway/address.ts";
import { Count } from "#mixins/gateway/admission.ts";
import { preferredLanguage } from "#mixins/gateway/language.ts";
import { traceOf } from "#mixins/gateway/trace.ts";
import { corsOf } from "#mixins/http/cors.ts";
import { securityHeaders } from "#mixins/http/headers.ts";
import { problemAnswer, PROBLEM_TYPE } from "#mixins/http/problem.ts";
import { HttpServer } from "#mixins/http/server.ts";
import { faultOf, originForm } from "#mixins/http/target.ts";
import { isReady } from "#mixins/node/ready.ts";
import type { Gateway } from "./gateway.ts";
import { handlersOf, type Visit, visitKey } from "./web-calls.ts";

const cors = corsOf({
  exposed: [...ofConnect.exposedHeaders, "Idempotent-Replayed", "traceparent", "X-Request-Id"],
  accepted: [
    ...ofConnect.allowedHeaders,
    "Accept-Language",
    "Authorization",
    "Idempotency-Key",
    "traceparent",
    "X-Request-Id",
  ],
});

const base: readonly string[] = [...securityHeaders, "Cache-Control", "no-store", "Vary", "Accept-Language, Origin"];

function setHeaders(res: ServerResponse, headers: readonly string[]): void {
  for (let index = 0; index < headers.length; index += 2) res.setHeader(headers[index]!, headers[index + 1]!);
}

const addressOf = ({ socket, headers }: IncomingMessage): string => clientAddress(socket, headers["x-forwarded-for"]);

export class WebServer {
  readonly #gateway: Gateway;
  readonly #handlers: ReadonlyMap<string, UniversalHandler>;
  readonly #server: HttpServer;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
    this.#handlers = handlersOf(gateway);
    this.#server = new HttpServer((req, res) => this.#serve(req, res), gateway.problems, {
      port: "GRPC_WEB_PORT",
      host: "GRPC_HOST",
    });
  }

  get url(): string {
    return this.#server.url;
  }

  /** @throws ConfigError in one sentence when the address is not available */
  listen(port: number, host: string): Promise<void> {
    return this.#server.listen(port, host);
  }

  /** Accepts no more requests, and answers the accepted ones. */
  drain(patience: number): Promise<void> {
    return this.#server.drain(patience);
  }

  /** No request can make this throw. */
  #serve(req: IncomingMessage, res: ServerResponse): void {
    const path = originForm(req.url!).replace(/\?.*$/s, "");
    setHeaders(res, [...base, ...cors.headersFor(req.headers.origin)]);
    this.#answer(req, res, path).catch((error: unknown) => this.#fail(req, res, path, error));
  }

  async #answer(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const fault = faultOf(req, path);
    const handler = this.#handlers.get(path);
    if (!fault && handler && req.method !== "OPTIONS") return this.#call(handler, req, res);
    if (path === "/readyz") return this.#probe(req, res);
    this.#count(req);
    if (fault) throw sharedError(fault);
    if (!handler) throw sharedError("NOT_FOUND");
    setHeaders(res, cors.preflightFor(req.headers.origin, ofConnect.allowedMethods.join(", ")));
    res.writeHead(204).end();
  }

  async #call(handler: UniversalHandler, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const visit: Visit = { req, hasArrived: false };
    const values = createContextValues().set(visitKey, visit);
    const answer = await handler(universalRequestFromNodeRequest(req, res, undefined, values));
    // What cannot be read is answered by Connect itself, before anything has been counted.
    if (!visit.hasArrived) this.#count(req);
    await universalResponseToNodeResponse(answer, res);
  }

  /** A load balancer asks whether requests should come here. */
  #probe(req: IncomingMessage, res: ServerResponse): void {
    this.#gateway.admission.probe(new Count(addressOf(req)));
    res.writeHead(isReady(this.#gateway.broker) ? 200 : 503).end();
  }

  /** Counts a request that reaches no method. @throws RATE_LIMITED */
  #count(req: IncomingMessage): void {
    this.#gateway.admission.address(new Count(addressOf(req)), { of: "", limit: undefined });
  }

  /** Answers a request that reaches no method with a problem. */
  #fail(req: IncomingMessage, res: ServerResponse, path: string, error: unknown): void {
    const { problems, logger } = this.#gateway;
    const { traceId } = traceOf(req.headers["traceparent"] as string | undefined);
    // Connect throws its own when a client leaves in the middle of an answer.
    const isOurs = problems.isKnown(error) || error instanceof ConnectError;
    if (!isOurs) logger.error(`${req.method} ${traceId}`, error);
    if (res.headersSent) return void res.destroy();
    const language = preferredLanguage(req.headers["accept-language"]) ?? "en";
    const { status, headers, body } = problemAnswer(problems.of(error, language), {
      language,
      instance: path,
      traceId,
    });
    res.writeHead(status, [...headers, "Content-Type", PROBLEM_TYPE]);
    res.end(body);
  }
}
