/** The HTTP edge: finds the plan of a request, and turns whatever fails into a problem. */
import type { Service } from "moleculer";
import { platform } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";
import { Tokens } from "#core/tokens.ts";
import manifest from "../../package.json" with { type: "json" };
import { isReady } from "#mixins/middlewares/probe.middleware.ts";
import { Admission } from "./admission.ts";
import { breakerPlan, breakerRoute } from "./breakers.ts";
import { Catalogue, restRoute } from "./catalogue.ts";
import { type Exchange, PROBLEM_TYPE } from "./exchange.ts";
import { preflightHeaders } from "./headers.ts";
import { type Health, health } from "./health.ts";
import { LiveStreams } from "./live.ts";
import { Metrics } from "./metrics.ts";
import { openapi } from "./openapi.generator.ts";
import { type Edge, type Plan, planOf } from "./plan.ts";
import { Problems } from "./problem.ts";
import { isInReference } from "./reference.ts";
import { Router } from "./router.ts";

const isVerbose = platform.LOG_LEVEL === "debug" || platform.LOG_LEVEL === "trace";

export class Gateway implements Edge {
  readonly broker: Service["broker"];
  readonly tokens = new Tokens();
  readonly admission: Admission;
  readonly problems = new Problems();
  readonly live: LiveStreams;
  readonly metrics: Metrics;
  readonly #service: Service;
  readonly #catalogue: Catalogue;
  #router: Router<Plan> | undefined;
  #breakers: Plan | undefined;
  #document: string | undefined;

  constructor(service: Service) {
    this.#service = service;
    this.broker = service.broker;
    this.admission = new Admission(service.broker);
    this.live = new LiveStreams(service);
    this.metrics = new Metrics(service.broker);
    this.#catalogue = new Catalogue(service.broker);
  }

  /** Called for every service that comes or goes, in any node; what follows from it is made when next needed. */
  refresh(): void {
    this.#catalogue.update();
    this.#router = undefined;
    this.#document = undefined;
  }

  get router(): Router<Plan> {
    return (this.#router ??= this.#build());
  }

  #build(): Router<Plan> {
    const router = new Router<Plan>();
    this.#breakers ??= breakerPlan(this);
    router.add(breakerRoute.method, breakerRoute.path, this.#breakers);
    for (const service of this.#catalogue.services()) {
      this.problems.learn(service);
      for (const [action, definition] of Object.entries(service.actions)) {
        const route = restRoute(service, definition);
        if (route) router.add(route.method, route.path, planOf(this, service, action, route, definition));
      }
    }
    return router;
  }

  /** Serves what a contract has a route for; false for everything else. */
  serve(exchange: Exchange): boolean {
    const { path, req } = exchange;
    const found = this.router.match(req.method!, path);
    if (!found) return this.#awaits(exchange);
    found.route(exchange, found.values).then(
      () => this.record(exchange),
      (error: unknown) => this.fail(exchange, error),
    );
    return true;
  }

  /** A route of a service that is still starting, or that this gateway has not met yet, is away; others never were. */
  #awaits(exchange: Exchange): boolean {
    const { path, req } = exchange;
    if (!path.startsWith("/api/")) return false;
    if (this.isReady() && !isInReference(req.method === "HEAD" ? "GET" : req.method!, path)) return false;
    this.fail(exchange, sharedError("SERVICE_UNAVAILABLE", { retryAfter: 1 }));
    return true;
  }

  /** Answers OPTIONS, and refuses a method that a path does not have. */
  serveMethods(exchange: Exchange, methods: readonly string[]): void {
    const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
    exchange.headers.push("Allow", allow);
    if (exchange.req.method !== "OPTIONS") {
      this.fail(exchange, sharedError("METHOD_NOT_ALLOWED"));
      return;
    }
    exchange.sendNothing(204, preflightHeaders(exchange.req.headers.origin, allow));
    this.record(exchange);
  }

  /** Answers a failure; one that nobody foresaw is logged, since the client is told nothing. */
  fail(exchange: Exchange, error: unknown): void {
    const { res, path, trace } = exchange;
    const occurrence = { language: exchange.language ?? "en", instance: path, traceId: trace.traceId } as const;
    const { status, headers, body } = this.problems.of(error, occurrence);
    if (!this.problems.isKnown(error))
      this.#service.logger.error(`${exchange.req.method} ${path} ${trace.traceId}`, error);
    if (res.headersSent) {
      res.destroy();
      return;
    }
    exchange.sendJson(status, body, [...headers, "Cache-Control", "no-store"], PROBLEM_TYPE);
    this.record(exchange);
  }

  /** Counts an answer; the log names the path only, since a query may hold what nobody else should read. */
  record(exchange: Exchange): void {
    const { statusCode } = exchange.res;
    this.metrics.count(exchange.route, statusCode);
    if (statusCode < 500 && !isVerbose) return;
    const { req, path, elapsed, requestId, trace } = exchange;
    const line = `${req.method} ${path} ${statusCode} ${elapsed.toFixed(1)} ms ${trace.traceId} ${requestId}`;
    if (statusCode >= 500) this.#service.logger.info(line);
    else this.#service.logger.debug(line);
  }

  health(): Health {
    return health(this.broker, this.#catalogue.services());
  }

  isReady(): boolean {
    return isReady(this.broker);
  }

  openapi(): string {
    return (this.#document ??= JSON.stringify(openapi(this.#catalogue.services(), manifest.version)));
  }
}
