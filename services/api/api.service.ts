/** The HTTP gateway. Routes of actions go through their plan; moleculer-web serves files and all else. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import type { Context, ServiceSchema, ServiceSettingSchema } from "moleculer";
import web from "moleculer-web";
import { addName, implement } from "#core/implement.ts";
import { HttpServer } from "#mixins/http/server.ts";
import { config } from "./api.config.ts";
import { api } from "./api.contract.ts";
import { Exchange } from "./exchange.ts";
import { Gateway } from "./gateway.ts";
import { operations } from "./operation.ts";

interface Settings extends ServiceSettingSchema {
  readonly port: number;
  readonly ip: string;
}

interface Names {
  readonly gateway: Gateway;
  readonly server: HttpServer;
}

/** moleculer-web keeps the state of a request in `res.locals`. */
type LocalResponse = ServerResponse & { locals: { exchange: Exchange } };

interface Methods {
  httpHandler(req: IncomingMessage, res: LocalResponse): void;
  drain(): Promise<void>;
}

interface Inherited {
  httpHandler(req: IncomingMessage, res: LocalResponse): Promise<void>;
}

const inherited = web.methods as unknown as Inherited;

/** Milliseconds that requests under way may take when the node stops. */
const PATIENCE = 10_000;

const schema: ServiceSchema<ServiceSettingSchema, Methods, Names> = {
  name: "api",
  version: 1,
  mixins: [web, implement(api, { actions: operations })],
  settings: {
    port: config.PORT,
    ip: config.HOST,
    // moleculer-web's own server would end the process when the port is taken, and has no time-outs for slow headers.
    server: false,
    logRequest: null,
    logRequestParams: null,
    logResponse: null,
    logRouteRegistration: null,
    routes: [{ path: "/", mappingPolicy: "restrict", bodyParsers: false, aliases: {} }],
    assets: { folder: fileURLToPath(new URL("./pages/", import.meta.url)) },
    onError(this: Names, _req: IncomingMessage, { locals }: LocalResponse, error: unknown) {
      this.gateway.fail(locals.exchange, error);
    },
  } as Settings,
  actions: {
    // moleculer-web's own actions are removed, because they answer everybody, and show or change the routes.
    listAliases: false,
    addRoute: false,
    removeRoute: false,
  },
  events: {
    "$services.changed"() {
      this.gateway.refresh();
    },
    "live.changed"({ params }: Context<{ subjects: string[] }>) {
      // Any node may send this event.
      if (Array.isArray(params?.subjects)) this.gateway.live.wake(params.subjects);
    },
  },
  methods: {
    httpHandler(req: IncomingMessage, res: LocalResponse) {
      const exchange = new Exchange(req, res);
      this.gateway.serve(exchange, async () => {
        exchange.prepare();
        res.locals = { exchange };
        await inherited.httpHandler.call(this, req, res);
      });
    },
    /** Accepts no more requests, and answers the accepted ones. */
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
