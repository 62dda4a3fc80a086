/** Routes beside the API: health, metrics, keys, documents. moleculer-web routes them as aliases. */
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import type { Exchange } from "./exchange.ts";
import type { Gateway } from "./gateway.ts";
import { pagePolicy } from "./headers.ts";
import type { IncomingRequest } from "moleculer-web";
import { tokenPublicKey } from "#core/keys.ts";
import { sharedError } from "#core/errors.ts";
import { EXPOSITION_TYPE } from "#mixins/exposition.ts";
import { config as probe } from "#mixins/middlewares/probe.middleware.ts";

interface Host {
  readonly gateway: Gateway;
}

const referencePage = readFileSync(new URL("./pages/docs/index.html", import.meta.url));

/** moleculer-web keeps what a request carries along in `res.locals`. */
export type LocalResponse = ServerResponse & { locals: { exchange: Exchange } };

type Alias = (this: Host, req: IncomingRequest, res: LocalResponse, next: (error: unknown) => void) => void;
type Answer = (gateway: Gateway, params: Record<string, string>) => { status?: number; body: unknown };

/** An alias that answers JSON; what it throws becomes a problem. */
const json = (answer: Answer): Alias =>
  function handle({ $params }, { locals }, next) {
    try {
      const { status = 200, body } = answer(this.gateway, $params as Record<string, string>);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      locals.exchange.sendJson(status, text, ["Cache-Control", "no-cache"]);
    } catch (error) {
      next(error);
    }
  };

export const systemRoutes: Readonly<Record<string, Alias>> = {
  "GET /": json(() => ({
    body: { name: "madang", reference: "/docs", openapi: "/openapi.json", health: "/health" },
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
  "GET /openapi.json": json((gateway) => ({ body: gateway.openapi() })),
  "GET /problems/:code": json(({ problems }, { code = "" }) => {
    const body = problems.explain(code);
    if (!body) throw sharedError("NOT_FOUND");
    return { body };
  }),
  "GET /docs"(_req, res) {
    res.setHeader("Content-Security-Policy", pagePolicy);
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.setHeader("Content-Length", referencePage.length);
    res.end(referencePage);
  },
  "GET /metrics"(_req, { locals }, next) {
    // A node with a port of its own shows them there, and not to the public.
    if (probe.NODE_PORT !== 0) return next(sharedError("NOT_FOUND"));
    locals.exchange.sendJson(200, this.gateway.metrics.text(), [], EXPOSITION_TYPE);
  },
};
