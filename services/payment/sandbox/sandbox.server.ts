/** The sandbox as an HTTP server: `POST /v1/<operation>` for clients with the key, `GET /livez` for everybody. */
import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Compile, type Validator } from "typebox/compile";
import { ConfigError } from "#core/config.ts";
import { type ProviderWithLedger, ProviderRefusal, type Webhook } from "../payment.provider.ts";
import { operations, post, REFUSED } from "./sandbox.http.ts";

/** Bytes. The longest valid request is far shorter. */
const BODY_LIMIT = 64 * 1024;
/** Milliseconds that a receiver of webhooks may take. */
const WEBHOOK_PATIENCE = 5000;

interface Route {
  readonly request: Validator;
  readonly answer: (argument: never) => Promise<unknown>;
}

/** An answer with a status other than 200. */
class Fault extends Error {
  readonly status: number;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

export class SandboxServer {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #authorization: Buffer;

  /** @param key that callers send as `Authorization: Bearer …` */
  constructor(provider: ProviderWithLedger, key: string) {
    const names = Object.keys(operations) as (keyof typeof operations)[];
    // The protocol is older than what else is looked up by.
    const retrieve = (reference: string) => provider.retrieve({ reference });
    const answers = (name: (typeof names)[number]) => (name === "retrieve" ? retrieve : provider[name].bind(provider));
    this.#routes = new Map(
      names.map((name) => [`/v1/${name}`, { request: Compile(operations[name]), answer: answers(name) }]),
    );
    this.#authorization = digest(`Bearer ${key}`);
    // Longer than clients keep a connection open, so that the server never closes one that a client is about to use.
    this.#server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => void this.#serve(req, res));
  }

  /** @returns the port @throws ConfigError when the address is not available */
  async listen(port: number, host: string): Promise<number> {
    try {
      await once(this.#server.listen(port, host), "listening");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(
        `Port ${port} of ${host} cannot be listened on (${code}): set PAYMENT_SANDBOX_PORT to another.`,
      );
    }
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no more requests, and waits for the answers to those that it has accepted. */
  async close(): Promise<void> {
    // A connection that answers from now on would be kept open for a next request, so idle ones are closed until all
    // are.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 20);
    await new Promise((resolve) => this.#server.close(resolve));
    clearInterval(sweep);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      respond(res, 200, await this.#answer(req));
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof ProviderRefusal) respond(res, REFUSED, { code: message });
      else if (error instanceof Fault) respond(res, error.status, { code: message });
      else respond(res, 500, { code: "unavailable" });
    }
  }

  async #answer(req: IncomingMessage): Promise<unknown> {
    if (req.url === "/livez") return { status: "ok" };
    if (!timingSafeEqual(digest(req.headers.authorization ?? ""), this.#authorization))
      throw new Fault(401, "key_unknown");
    const route = req.method === "POST" ? this.#routes.get(req.url!) : undefined;
    if (!route) throw new Fault(404, "operation_unknown");
    const argument = parse(await read(req));
    if (!route.request.Check(argument)) throw new Fault(422, "request_invalid");
    return route.answer(argument as never);
  }
}

/** Digests have the same length for every input, which a comparison in constant time needs. */
const digest = (value: string): Buffer => createHash("sha256").update(value).digest();

function respond(res: ServerResponse, status: number, answer: unknown): void {
  const body = JSON.stringify(answer);
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}

/** @throws Fault when the body is too long, Error when it ends early */
function read(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = "";
    req.setEncoding("utf8");
    req.on("data", (chunk: string) => {
      body += chunk;
      if (body.length > BODY_LIMIT) reject(new Fault(413, "request_too_large"));
    });
    req.on("end", () => resolve(body));
    req.on("error", reject);
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Fault(400, "json_malformed");
  }
}

/**
 * Delivers webhooks to the first of these addresses that acknowledges them, beginning with the one that did so last.
 * @throws Error when none does
 */
export function webhooksTo(urls: readonly URL[]): (webhook: Webhook) => Promise<void> {
  const agent = new Agent({ keepAlive: true });
  let first = 0;
  return async ({ headers, body }) => {
    const start = first;
    for (let turn = 0; turn < urls.length; turn += 1) {
      const next = (start + turn) % urls.length;
      const signal = AbortSignal.timeout(WEBHOOK_PATIENCE);
      const status = await post(urls[next]!, { agent, headers, body, signal }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status < 200 || status > 299) continue;
      first = next;
      return;
    }
    throw new Error("Nobody acknowledged the webhook.");
  };
}
