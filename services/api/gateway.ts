/** The HTTP gateway: finds the plan of a request, and turns every failure into a problem. */
import type { Service } from "moleculer";
import { platform } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";
import { revocationsOf } from "#mixins/node/revocations.ts";
import { Tokens } from "#mixins/node/tokens.ts";
import { isReady } from "#mixins/node/ready.ts";
import { type Admission, admissionOf } from "#mixins/gateway/admission.ts";
import { type ApiKeys, apiKeysOf } from "#mixins/gateway/api-keys.ts";
import { type Health, health } from "#mixins/gateway/health.ts";
import { LiveStreams } from "#mixins/gateway/live.ts";
import { Problems } from "#mixins/gateway/problems.ts";
import { ContractRegistry, type Described } from "#mixins/gateway/registry.ts";
import { mountAt } from "#mixins/http/mount.ts";
import { problemAnswer, PROBLEM_TYPE } from "#mixins/http/problem.ts";
import { faultOf, loggable } from "#mixins/http/target.ts";
import { stray } from "./admission.ts";
import { breakerPlan, breakerRoute } from "./breakers.ts";
import { Documents } from "./documents.ts";
import type { Exchange } from "./exchange.ts";
import { preflightHeaders } from "./headers.ts";
import { Metrics } from "./metrics.ts";
import { isOwnPath } from "./ownership.ts";
import { type Plan, planOf, type Shared } from "./plan.ts";
import { isInReference } from "./reference.ts";
import { restRoute } from "./route.ts";
import { Router } from "./router.ts";
import { files, systemPlans } from "./system.ts";

/** Those of all routes together. */
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

type Prepared = Parameters<typeof planOf> extends [unknown, ...infer Rest] ? Rest : never;

const isVerbose = platform.LOG_LEVEL === "debug" || platform.LOG_LEVEL === "trace";

export class Gateway implements Shared {
  readonly broker: Service["broker"];
  readonly tokens: Tokens;
  readonly keys: ApiKeys;
  readonly admission: Admission;
  readonly problems = new Problems();
  readonly live: LiveStreams;
  readonly metrics: Metrics;
  readonly documents = new Documents(() => this.services());
  readonly #service: Service;
  readonly #contracts: ContractRegistry;
  readonly #unserved = new Set<string>();
  #router: Router<Plan> | undefined;
  #breakers: Plan | undefined;

  constructor(service: Service) {
    this.#service = service;
    this.broker = service.broker;
    this.tokens = new Tokens(revocationsOf(service.broker));
    this.admission = admissionOf(service.broker);
    this.keys = apiKeysOf(service.broker);
    this.live = new LiveStreams(service);
    this.metrics = new Metrics(service.broker);
    this.#contracts = new ContractRegistry(service.broker);
  }

  /** Called when a service appears or leaves, in any node. The routes are rebuilt when they are next needed. */
  refresh(): void {
    this.#contracts.update();
    this.#router = undefined;
    this.documents.forget();
  }

  get router(): Router<Plan> {
    return (this.#router ??= this.#build());
  }

  #build(): Router<Plan> {
    const router = new Router<Plan>();
    this.#breakers ??= breakerPlan(this);
    router.add(breakerRoute.method, breakerRoute.path, this.#breakers);
    for (const [method, path, plan] of systemPlans(this)) router.add(method, path, plan);
    const services = this.#contracts.services();
    this.problems.learn(services);
    for (const service of services) {
      for (const [action, definition] of Object.entries(service.actions)) {
        const route = restRoute(service, definition);
        if (!route) continue;
        const plan = this.#prepare(service, action, route, definition);
        if (plan) router.add(route.method, route.path, plan);
      }
    }
    return router;
  }

  /**
   * Undefined for a route that cannot be served as it was announced; other routes are not affected. The operator is
   * warned once per service, because the router is rebuilt at every change, and a node may announce anything.
   */
  #prepare(...[service, action, route, definition]: Prepared): Plan | undefined {
    try {
      if (!isOwnPath(service.name, route.path))
        throw new Error(`${route.method} ${route.path} is not a path of its own`);
      return planOf(this, service, action, route, definition);
    } catch (error) {
      const told = `${service.name}.${action} cannot be served: ${(error as Error).message}`;
      if (!this.#unserved.has(service.name)) this.#service.logger.warn(told);
      this.#unserved.add(service.name);
      return undefined;
    }
  }

  /**
   * Serves any request. No request can make this throw.
   * @param assets serves everything that is none of our routes
   */
  serve(exchange: Exchange, assets: () => Promise<void>): void {
    this.#serve(exchange, assets).catch((error: unknown) => this.fail(exchange, error));
  }

  async #serve(exchange: Exchange, assets: () => Promise<void>): Promise<void> {
    const { path, req } = exchange;
    const mount = mountAt(this.broker, path);
    if (mount) {
      await mount.handle(req, exchange.res);
      // No line for the log: such a path may hold a token.
      return this.metrics.count(mount.prefix, exchange.res.statusCode);
    }
    const fault = faultOf(req, path);
    const found = fault ? undefined : this.router.match(req.method!, path);
    if (found?.route) {
      await found.route(exchange, found.values);
      return this.record(exchange);
    }
    await stray(this.admission, exchange);
    if (fault) throw sharedError(fault);
    if (path === "*") return this.#serveMethods(exchange, METHODS);
    if (found) return this.#serveMethods(exchange, [...found.routes.keys()]);
    if (this.#awaits(exchange)) throw sharedError("SERVICE_UNAVAILABLE", { retryAfter: 1 });
    if (files.has(path) && req.method !== "GET" && req.method !== "HEAD") return this.#serveMethods(exchange, ["GET"]);
    return assets();
  }

  /** A route of a service that is starting, or not met yet, is unavailable. Other paths do not exist. */
  #awaits({ path, req }: Exchange): boolean {
    if (!path.startsWith("/api/")) return false;
    return !this.isReady() || isInReference(req.method === "HEAD" ? "GET" : req.method!, path);
  }

  /** Answers OPTIONS, and refuses a method that a path does not have. */
  #serveMethods(exchange: Exchange, methods: readonly string[]): void {
    const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
    exchange.headers.push("Allow", allow);
    if (exchange.req.method !== "OPTIONS") throw sharedError("METHOD_NOT_ALLOWED");
    exchange.sendNothing(204, preflightHeaders(exchange.req.headers.origin, allow));
    this.record(exchange);
  }

  /** Answers a failure. An unexpected one is logged, because the client learns nothing about it. */
  fail(exchange: Exchange, error: unknown): void {
    try {
      this.#tell(exchange, error);
    } catch (fault) {
      // No error may end the process, only this exchange.
      this.#service.logger.error(`${loggable(exchange.path)} could not be answered`, fault);
      exchange.res.destroy();
    }
  }

  #tell(exchange: Exchange, error: unknown): void {
    const { res, path, trace } = exchange;
    const language = exchange.language ?? "en";
    const occurrence = { language, instance: path, traceId: trace.traceId };
    const { status, headers, body } = problemAnswer(this.problems.of(error, language), occurrence);
    if (!this.problems.isKnown(error))
      this.#service.logger.error(`${exchange.req.method} ${loggable(path)} ${trace.traceId}`, error);
    if (res.headersSent) {
      res.destroy();
      return;
    }
    exchange.sendJson(status, body, [...headers, "Cache-Control", "no-store"], PROBLEM_TYPE);
    this.record(exchange);
  }

  /** Counts an answer. The log shows the path only, because a query may hold private data. */
  record(exchange: Exchange): void {
    const { statusCode } = exchange.res;
    this.metrics.count(exchange.route, statusCode);
    const { req, path, elapsed, requestId, trace } = exchange;
    // A probe that is answered "not ready" is no fault, and comes again in a second.
    const isFault = statusCode >= 500 && path.startsWith("/api/");
    if (!isFault && !isVerbose) return;
    const line = `${req.method} ${loggable(path)} ${statusCode} ${elapsed.toFixed(1)} ms ${trace.traceId} ${requestId}`;
    if (isFault) this.#service.logger.info(line);
    else this.#service.logger.debug(line);
  }

  services(): readonly Described[] {
    return this.#contracts.services();
  }

  health(): Health {
    return health(this.broker, this.#contracts.services());
  }

  isReady(): boolean {
    return isReady(this.broker);
  }
}
