/**
 * Serves what is no action, such as files, below a path. Where the HTTP gateway runs in the same process it answers there,
 * on the gateway's port; with a port of its own it has a server of its own.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Service, ServiceBroker } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import { type Admission, admissionOf } from "../gateway/admission.ts";
import { type ApiKeys, apiKeysOf } from "../gateway/api-keys.ts";
import type { Entrance } from "../gateway/caller.ts";
import { Problems } from "../gateway/problems.ts";
import { perBroker } from "../node/per-broker.ts";
import { isReady } from "../node/ready.ts";
import { revocationsOf } from "../node/revocations.ts";
import { Tokens } from "../node/tokens.ts";
import { problemAnswer, PROBLEM_TYPE } from "./problem.ts";
import { HttpServer } from "./server.ts";
import { faultOf, loggable } from "./target.ts";
import { Visit } from "./visit.ts";

/** Milliseconds that requests under way may take when the node stops. */
const PATIENCE = 10_000;

interface Options {
  /** One segment, such as `/uploads/`. */
  readonly prefix: `/${string}/`;
  /** Its errors, and the shared ones, are what the handler may throw. */
  readonly contract: Contract;
  /**
   * Answers a request. It counts each against a limit (`visit.admit`), except those that prove by themselves that they
   * may ask. Whatever it throws becomes a problem.
   */
  readonly serve: (visit: Visit) => Promise<void> | void;
  /** Null to answer at the HTTP gateway of this process. */
  readonly port: number | null;
  readonly host: string;
  /** The names of the settings of both, for the operator. */
  readonly settings: { readonly port: string; readonly host: string };
  /** The path as a log may show it; by default as it is. */
  readonly shown?: (path: string) => string;
}

const mountsOf = perBroker(() => new Map<string, Mount>());

/** What is mounted at a path of this process's HTTP gateway. */
export function mountAt(broker: ServiceBroker, path: string): Mount | undefined {
  const mounts = mountsOf(broker);
  if (mounts.size === 0) return undefined;
  const end = path.indexOf("/", 1);
  return end < 0 ? undefined : mounts.get(path.slice(0, end + 1));
}

/**
 * @example
 * this.mount = new Mount(this, { prefix: "/uploads/", contract: content, serve, port: config.CONTENT_PORT, … });
 * await this.mount.open(); // when the service has started
 * await this.mount.close(); // in its method `drain`, and when it stops
 */
export class Mount implements Entrance {
  readonly admission: Admission;
  readonly tokens: Tokens;
  readonly keys: ApiKeys;
  readonly #service: Service;
  readonly #options: Options;
  readonly #problems = new Problems();
  readonly #server: HttpServer | undefined;

  constructor(service: Service, options: Options) {
    const { broker } = service;
    const { contract, port, settings } = options;
    this.#service = service;
    this.#options = options;
    this.admission = admissionOf(broker);
    this.keys = apiKeysOf(broker);
    this.tokens = new Tokens(revocationsOf(broker));
    this.#problems.learn([{ ...contract, errors: contract.errors ?? {} }]);
    if (port !== null)
      this.#server = new HttpServer((req, res) => void this.handle(req, res), this.#problems, settings);
  }

  /** The address of its own server, if it has one. */
  get url(): string | undefined {
    return this.#server?.url;
  }

  get prefix(): string {
    return this.#options.prefix;
  }

  /** @throws ConfigError in one sentence when the address is not available */
  async open(): Promise<void> {
    const { port, host, prefix } = this.#options;
    if (this.#server) {
      await this.#server.listen(port!, host);
      this.#service.logger.info(`${prefix} is served on ${this.#server.url}`);
    } else mountsOf(this.#service.broker).set(prefix, this);
  }

  /** Accepts no more requests at its own server, and answers the accepted ones. The gateway does so for its own. */
  async close(): Promise<void> {
    await this.#server?.drain(PATIENCE);
  }

  /** No request can make this throw. */
  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const visit = new Visit(req, res, this);
    try {
      await this.#answer(visit);
    } catch (error) {
      this.#fail(visit, error);
    }
  }

  async #answer(visit: Visit): Promise<void> {
    const { req, path } = visit;
    const fault = faultOf(req, path);
    if (!fault && path.startsWith(this.#options.prefix)) return this.#options.serve(visit);
    await visit.admit({ auth: "public" });
    if (fault) throw sharedError(fault);
    // A load balancer asks whether requests should come here.
    if (path !== "/readyz") throw sharedError("NOT_FOUND");
    visit.send(isReady(this.#service.broker) ? 200 : 503, "", ["Cache-Control", "no-store"]);
  }

  #fail(visit: Visit, error: unknown): void {
    const { req, res, path, trace, language = "en" } = visit;
    const { shown = (one: string) => one } = this.#options;
    // Who has left learns nothing.
    if (res.destroyed) return;
    if (!this.#problems.isKnown(error))
      this.#service.logger.error(`${req.method} ${loggable(shown(path))} ${trace.traceId}`, error);
    if (res.headersSent) return void res.destroy();
    const occurrence = { language, instance: shown(path), traceId: trace.traceId };
    const { status, headers, body } = problemAnswer(this.#problems.of(error, language), occurrence);
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    visit.identify();
    visit.send(status, body, [
      ...headers,
      "Cache-Control",
      "no-store",
      "Vary",
      "Accept-Language",
      "Content-Type",
      PROBLEM_TYPE,
    ]);
  }
}
