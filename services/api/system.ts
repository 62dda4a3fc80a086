/** Routes beside the API: health, metrics, keys, documents. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { platform } from "#core/config.ts";
import { tokenPublicKey } from "#mixins/node/keys.ts";
import { sharedError } from "#core/errors.ts";
import { topology } from "#mixins/node/topology.ts";
import { EXPOSITION_TYPE } from "#mixins/node/exposition.ts";
import { config as node } from "#mixins/middlewares/probe.middleware.ts";
import type { Health } from "#mixins/gateway/health.ts";
import type { Problems } from "#mixins/gateway/problems.ts";
import { problemPage } from "#mixins/http/problem.ts";
import { probe } from "./admission.ts";
import { asyncapi } from "./asyncapi.generator.ts";
import type { Documents } from "./documents.ts";
import type { Exchange } from "./exchange.ts";
import { isFromHere } from "./here.ts";
import { mailboxHandlers } from "./mailbox.ts";
import type { Metrics } from "./metrics.ts";
import { openapi } from "./openapi.generator.ts";
import type { Plan, Shared } from "./plan.ts";
import { watchHandlers } from "./watch.ts";

interface Gateway extends Pick<Shared, "admission"> {
  readonly metrics: Metrics;
  readonly problems: Problems;
  health(): Health;
  isReady(): boolean;
  readonly documents: Documents;
}

const folder = new URL("./pages/", import.meta.url);

/** Paths of the files that moleculer-web serves, so that other methods than GET are refused. */
export const files: ReadonlySet<string> = new Set(
  readdirSync(folder, { recursive: true }).map((name) => `/${String(name)}`),
);

type Handler = (gateway: Gateway, exchange: Exchange, values: readonly string[]) => void | Promise<void>;
type Answer = (gateway: Gateway, value: string) => { status?: number; body: unknown };

const json =
  (answer: Answer): Handler =>
  (gateway, exchange, [value = ""]) => {
    const { status = 200, body } = answer(gateway, decodeURIComponent(value));
    const text = typeof body === "string" ? body : JSON.stringify(body);
    exchange.sendJson(status, text, ["Cache-Control", "no-cache"]);
  };

function page(name: string): Handler {
  const text = readFileSync(new URL(`${name}.html`, folder));
  return (_gateway, exchange) => {
    exchange.prepare();
    const { res } = exchange;
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.setHeader("Content-Length", text.length);
    res.end(text);
  };
}

/** Lets the reference page sign in as a demo customer with one click, where platform and reader share a machine. */
function demoCustomers(req: IncomingMessage): readonly object[] {
  const path = join(platform.DATA_DIR, "demo-accounts.json");
  if (topology.isCluster || !isFromHere(req) || !existsSync(path)) return [];
  const accounts = JSON.parse(readFileSync(path, "utf8")) as { role: string }[];
  return accounts.filter(({ role }) => role === "customer");
}

const handlers: Readonly<Record<string, Handler>> = {
  "GET /": json(() => ({
    body: {
      name: "madang",
      reference: "/docs",
      watch: "/watch",
      device: "/device",
      account: "/account",
      openapi: "/openapi.json",
      events: "/docs/events",
      asyncapi: "/asyncapi.json",
      health: "/health",
    },
  })),
  "GET /health": json((gateway) => {
    const body = gateway.health();
    return { status: body.status === "down" ? 503 : 200, body };
  }),
  "GET /livez": json(() => ({ body: { status: "ok" } })),
  "GET /readyz": json((gateway) =>
    gateway.isReady() ? { body: { status: "ready" } } : { status: 503, body: { status: "not ready" } },
  ),
  "GET /.well-known/jwks.json": json(() => ({ body: { keys: [tokenPublicKey()] } })),
  "GET /openapi.json": json((gateway) => ({ body: gateway.documents.by(openapi) })),
  "GET /asyncapi.json": json((gateway) => ({ body: gateway.documents.by(asyncapi) })),
  "GET /problems/:code": json(({ problems }, code) => {
    const definition = problems.explain(code);
    if (!definition) throw sharedError("NOT_FOUND");
    return { body: problemPage(code, definition) };
  }),
  "GET /docs": page("docs/index"),
  "GET /docs/events": page("docs/events"),
  "GET /device": page("device/index"),
  "GET /account": page("account/index"),
  "GET /unsubscribe": page("unsubscribe/index"),
  ...Object.fromEntries(
    Object.entries(watchHandlers).map(([route, handle]): [string, Handler] => [
      route,
      (_, exchange) => handle(exchange),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(mailboxHandlers).map(([route, handle]): [string, Handler] => [
      route,
      (_, exchange, values) => handle(exchange, values),
    ]),
  ),
  "GET /docs/demo-accounts"(_gateway, exchange) {
    exchange.sendJson(200, JSON.stringify({ items: demoCustomers(exchange.req) }), ["Cache-Control", "no-store"]);
  },
  async "GET /metrics"({ metrics }, exchange) {
    // Metrics are for insiders; a node with a port of its own shows them there.
    if (node.NODE_PORT !== 0 || !isFromHere(exchange.req)) throw sharedError("NOT_FOUND");
    exchange.sendJson(200, await metrics.text(), ["Cache-Control", "no-store"], EXPOSITION_TYPE);
  },
};

/** `GET /health` and its siblings. */
export const systemRoutes: readonly string[] = Object.keys(handlers);

/** They have limits of their own, so that a probe is answered however busy the API is. */
export const systemPlans = (gateway: Gateway): (readonly [method: string, path: string, plan: Plan])[] =>
  Object.entries(handlers).map(([route, handle]) => {
    const [method, path] = route.split(" ", 2) as [string, string];
    const plan: Plan = async (exchange, values) => {
      exchange.route = route;
      await probe(gateway.admission, exchange);
      await handle(gateway, exchange, values);
    };
    return [method, path, plan];
  });
