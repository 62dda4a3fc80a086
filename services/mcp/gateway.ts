/** The MCP gateway: admits a request as the HTTP API does, and hands what it says to the SDK. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { McpHttpHandler } from "@modelcontextprotocol/server";
import type { Service } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import { type Admission, admissionOf, Count } from "#mixins/gateway/admission.ts";
import { type ApiKeys, apiKeysOf } from "#mixins/gateway/api-keys.ts";
import { type Admitted, type Entrance, identify } from "#mixins/gateway/caller.ts";
import { Problems } from "#mixins/gateway/problems.ts";
import { readJson } from "#mixins/http/body.ts";
import { quotaHeaders } from "#mixins/http/headers.ts";
import { problemAnswer, PROBLEM_TYPE } from "#mixins/http/problem.ts";
import { HttpServer } from "#mixins/http/server.ts";
import { isReady } from "#mixins/node/ready.ts";
import { revocationsOf } from "#mixins/node/revocations.ts";
import { Tokens } from "#mixins/node/tokens.ts";
import { Confirmations } from "./confirmation.ts";
import { Exchange } from "./exchange.ts";
import { Metrics } from "./metrics.ts";
import { offersOf } from "./offer.ts";
import { preflightHeaders } from "./origin.ts";
import { resourcesOf } from "./resource.ts";
import type { Asking, Shared } from "./session.ts";

/** Bytes: more than the largest arguments of any tool. */
const LARGEST = 256 * 1024;
/** Milliseconds that requests under way may take when the node stops. */
const PATIENCE = 10_000;

const oneMessage = { en: "must be one JSON-RPC message", ko: "JSON-RPC 메시지 하나여야 합니다" };

export class Gateway implements Entrance {
  readonly admission: Admission;
  readonly tokens: Tokens;
  readonly keys: ApiKeys;
  readonly #service: Service;
  readonly #shared: Shared;
  /** Made with the first request: many nodes never get one, and need not have the SDK in memory. */
  #handler: Promise<McpHttpHandler> | null = null;
  readonly #server: HttpServer;

  constructor(service: Service, contracts: readonly Contract[]) {
    const { broker } = service;
    const offers = offersOf(contracts);
    const problems = new Problems();
    problems.learn(contracts.map((one) => ({ ...one, errors: one.errors ?? {} })));
    this.#service = service;
    this.admission = admissionOf(broker);
    this.keys = apiKeysOf(broker);
    this.tokens = new Tokens(revocationsOf(broker));
    this.#shared = {
      broker,
      offers: new Map(offers.map((offer) => [offer.name, offer])),
      resources: resourcesOf(offers),
      confirmations: new Confirmations(),
      problems,
      metrics: new Metrics(broker),
    };
    this.#server = new HttpServer((req, res) => this.#serve(req, res), problems, {
      port: "MCP_PORT",
      host: "MCP_HOST",
    });
  }

  get url(): string {
    return `${this.#server.url}/mcp`;
  }

  /** @throws ConfigError in one sentence when the address is not available */
  listen(port: number, host: string): Promise<void> {
    return this.#server.listen(port, host);
  }

  /** Accepts no more requests, and answers the accepted ones. */
  async drain(): Promise<void> {
    await this.#server.drain(PATIENCE);
    await (await this.#handler)?.close();
    this.#shared.metrics.stop();
  }

  async #loaded(): Promise<McpHttpHandler> {
    const [{ createMcpHandler }, { Session }] = await Promise.all([
      import("@modelcontextprotocol/server"),
      import("./session.ts"),
    ]);
    const sessionOf = (asking: unknown) => new Session(this.#shared, asking as Asking);
    // No stream is held open: nothing is told that a client could wait for.
    return createMcpHandler(({ authInfo }) => sessionOf(authInfo!.extra!["asking"]).server(), {
      maxSubscriptions: 0,
      onerror: ({ message }) => this.#service.logger.debug(message),
    });
  }

  /** No request can make this throw. */
  #serve(req: IncomingMessage, res: ServerResponse): void {
    const exchange = new Exchange(req, res);
    this.#answer(exchange).catch((error: unknown) => this.#fail(exchange, error));
  }

  async #answer(exchange: Exchange): Promise<void> {
    const { req, path, trace, language, region } = exchange;
    if (path === "/readyz") return this.#probe(exchange);
    const { token, caller } = await this.#admitted(exchange);
    if (req.method === "OPTIONS") return exchange.send(204, "", preflightHeaders);
    const parsedBody = await readJson(req, LARGEST);
    // Several messages at once would count as one request; MCP has none since its revision of 2025-06-18.
    if (typeof parsedBody !== "object" || parsedBody === null || Array.isArray(parsedBody))
      throw sharedError("MALFORMED_REQUEST", { errors: [{ pointer: "", detail: oneMessage }] });
    const asking: Asking = { trace, language, region, token, caller };
    const authInfo = { token: token ?? "", clientId: caller?.id ?? "", scopes: [], extra: { asking } };
    const handler = await (this.#handler ??= this.#loaded());
    await exchange.pass(await handler.fetch(exchange.request(), { parsedBody, authInfo }));
  }

  /** A load balancer asks whether requests should come here. */
  #probe(exchange: Exchange): void {
    this.admission.probe(new Count(exchange.address));
    exchange.send(isReady(this.#service.broker) ? 200 : 503, "");
  }

  /**
   * Counts the request, whatever it asks for. A token that is not good is refused also where none is needed, because MCP
   * has clients renew it then.
   */
  async #admitted(exchange: Exchange): Promise<Admitted> {
    const { refusal } = exchange;
    const authorization = refusal === undefined ? exchange.req.headers.authorization : undefined;
    const count = new Count(exchange.address);
    try {
      const auth = authorization === undefined ? "public" : "customer";
      const admitted = await identify(this, count, { auth, of: "", limit: undefined, authorization });
      if (refusal === "METHOD_NOT_ALLOWED") exchange.headers.push("Allow", "POST, OPTIONS");
      if (refusal !== undefined) throw sharedError(refusal);
      return admitted;
    } finally {
      exchange.headers.push(...quotaHeaders(count));
    }
  }

  /** Answers a request that does not reach the protocol with a problem. */
  #fail(exchange: Exchange, error: unknown): void {
    const { res, path, trace, language = "en" } = exchange;
    const { problems } = this.#shared;
    if (!problems.isKnown(error)) this.#service.logger.error(`${exchange.req.method} ${trace.traceId}`, error);
    if (res.headersSent) return void res.destroy();
    const occurrence = { language, instance: path, traceId: trace.traceId };
    const { status, headers, body } = problemAnswer(problems.of(error, language), occurrence);
    exchange.send(status, body, [...headers, "Content-Type", PROBLEM_TYPE]);
  }
}
