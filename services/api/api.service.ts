/** The HTTP gateway. Routes of contracts take the short way of their plan; the rest is moleculer-web's. */
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import type { Context, ServiceSchema, ServiceSettingSchema } from "moleculer";
import web from "moleculer-web";
import { addName, implement } from "#core/implement.ts";
import { config } from "./api.config.ts";
import { api } from "./api.contract.ts";
import { Exchange } from "./exchange.ts";
import { Gateway } from "./gateway.ts";
import { pagePolicy } from "./headers.ts";
import { operations } from "./operation.ts";
import { HttpServer } from "./server.ts";
import { type LocalResponse, systemRoutes } from "./system.ts";

interface Settings extends ServiceSettingSchema {
  readonly port: number;
  readonly ip: string;
}

interface Names {
  readonly gateway: Gateway;
  readonly server: HttpServer;
  /** moleculer-web's own, here those of the system routes. */
  readonly aliases: readonly { readonly method: string; match(path: string): object | false }[];
}

interface Methods {
  httpHandler(req: IncomingMessage, res: LocalResponse): void;
  resolveAlias(path: string, method: string): unknown;
  methodsOf(path: string): string[];
  drain(): Promise<void>;
}

const inherited = web.methods as unknown as Pick<Methods, "httpHandler" | "resolveAlias">;

/** Milliseconds that requests under way are given when the node stops. */
const PATIENCE = 10_000;

const schema: ServiceSchema<ServiceSettingSchema, Methods, Names> = {
  name: "api",
  version: 1,
  mixins: [web, implement(api, { actions: operations })],
  settings: {
    port: config.PORT,
    ip: config.HOST,
    // moleculer-web's server would end the process when the port is taken, and knows no time-outs for slow headers.
    server: false,
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    logRouteRegistration: null,
    routes: [{ path: "/", mappingPolicy: "restrict", bodyParsers: false, aliases: systemRoutes }],
    assets: {
      folder: fileURLToPath(new URL("./pages/", import.meta.url)),
      options: { setHeaders: (res: LocalResponse) => res.setHeader("Content-Security-Policy", pagePolicy) },
    },
    onError(this: Names, _req: IncomingMessage, { locals }: LocalResponse, error: unknown) {
      this.gateway.fail(locals.exchange, error);
    },
  } as Settings,
  actions: {
    // They answer to anyone, and tell or change what is routed.
    listAliases: false,
    addRoute: false,
    removeRoute: false,
  },
  events: {
    "$services.changed"() {
      this.gateway.refresh();
    },
    "live.changed"({ params }: Context<{ subjects: string[] }>) {
      this.gateway.live.wake(params.subjects);
    },
  },
  methods: {
    httpHandler(req: IncomingMessage, res: LocalResponse) {
      const exchange = new Exchange(req, res);
      if (this.gateway.serve(exchange)) return;
      const methods = this.methodsOf(exchange.path);
      const isKnown = methods.includes(req.method === "HEAD" ? "GET" : req.method!);
      if (methods.length > 0 && !isKnown) return this.gateway.serveMethods(exchange, methods);
      exchange.prepare();
      res.locals = { exchange };
      return inherited.httpHandler.call(this, req, res);
    },
    resolveAlias(path: string, method: string) {
      return inherited.resolveAlias.call(this, path, method === "HEAD" ? "GET" : method);
    },
    methodsOf(path: string) {
      const ofSystem = this.aliases.filter((alias) => alias.match(path)).map(({ method }) => method);
      return [...this.gateway.router.methods(path), ...ofSystem];
    },
    /** Takes no more requests, and answers those that were taken. */
    async drain() {
      this.gateway.live.close();
      await this.server.drain(PATIENCE);
    },
  },
  created() {
    addName(this, "gateway", new Gateway(this));
    addName(
      this,
      "server",
      new HttpServer((req, res) => this.httpHandler(req, res as LocalResponse), this.gateway.problems),
    );
  },
  async started() {
    const { port, ip } = this.settings as Settings;
    await this.server.listen(port, ip);
    const { url } = this.server;
    this.logger.info(`The API listens on ${url}, its reference is ${url}/docs`);
  },
  async stopped() {
    await this.drain();
    this.gateway.metrics.stop();
  },
};

export default schema as unknown as ServiceSchema;
