/** The HTTP server itself: its time-outs, its address, and its answers to messages that are not HTTP. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { type AddressInfo, Server as NetServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { ConfigError } from "#core/config.ts";
import { sharedError, type SharedErrorCode } from "#core/errors.ts";
import type { Problems } from "../gateway/problems.ts";
import { traceOf } from "../gateway/trace.ts";
import { securityHeaders } from "./headers.ts";
import { problemAnswer, PROBLEM_TYPE } from "./problem.ts";
import { isSlowBodyAllowed } from "./slow-body.ts";

/** Times in milliseconds. A kept connection outlives the minute for which load balancers keep theirs. */
const times = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5000,
  // Missing headers are answered with a problem like every other failure.
  requireHostHeader: false,
};

/** Errors of Node's parser that do not mean an unreadable request. */
const refusals: Readonly<Record<string, SharedErrorCode>> = {
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "PAYLOAD_TOO_LARGE",
  ERR_HTTP_REQUEST_TIMEOUT: "REQUEST_INCOMPLETE",
};

/** The names of the settings by which an operator chooses where it listens. */
interface Settings {
  readonly port: string;
  readonly host: string;
}

const reasonsFor = ({ port, host }: Settings): Readonly<Record<string, string>> => ({
  EADDRINUSE: `is taken: stop what listens there, or set ${port} to another`,
  EACCES: `may not be used by this account: set ${port} to one above 1023`,
  EADDRNOTAVAIL: `is not an address of this machine: set ${host} to one that is`,
  ENOTFOUND: `is not a name of this machine: set ${host} to one that is`,
});

export class HttpServer {
  readonly #server: Server;
  readonly #problems: Problems;
  readonly #settings: Settings;
  readonly #sockets = new Set<Socket>();
  #drained: Promise<void> | undefined;

  /** @param bounds other times, for specs */
  constructor(
    handler: RequestListener,
    problems: Problems,
    settings: Settings = { port: "PORT", host: "HOST" },
    bounds: Partial<typeof times> = {},
  ) {
    this.#problems = problems;
    this.#settings = settings;
    const serve: RequestListener = (req, res) => {
      // Writing to an answer that has ended must not end the process.
      res.on("error", () => {});
      handler(req, res);
    };
    this.#server = createServer({ ...times, ...bounds }, serve);
    // Unknown expectations may be ignored (RFC 9110 section 10.1.1); Node would answer them with an empty 417.
    this.#server.on("checkExpectation", serve);
    this.#server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => this.#refuse(error, socket));
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** The base URL, once it listens. */
  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** @throws ConfigError in one sentence when the address is not available */
  async listen(port: number, host: string): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject).listen(port, host, resolve);
      });
    } catch (error) {
      const { code = "", message } = error as NodeJS.ErrnoException;
      const reason = reasonsFor(this.#settings)[code] ?? `cannot be listened on (${message})`;
      throw new ConfigError(`Port ${port} of ${host} ${reason}.`);
    }
  }

  /**
   * Accepts no more requests, and waits for the answers to the accepted ones.
   * @param patience milliseconds after which connections are closed
   */
  async drain(patience: number): Promise<void> {
    if (this.#server.listening) this.#drained ??= this.#drain(patience);
    await this.#drained;
  }

  async #drain(patience: number): Promise<void> {
    // Requests that have reached this machine are accepted: one turn of the event loop accepts their connection, the
    // next reads them.
    for (let turns = 0; turns < 3; turns += 1) await turn();
    const cut = setTimeout(() => this.#server.closeAllConnections(), patience);
    // A connection that answers from now on would be kept open for a next request, so idle ones are closed repeatedly.
    const sweep = setInterval(() => this.#closeIdle(), 20);
    // HTTP's own `close` is not used, because it cuts answers that are still being sent.
    const closed = new Promise((resolve) => NetServer.prototype.close.call(this.#server, resolve));
    this.#closeIdle();
    // Node does not treat a connection without any request as idle, and would wait for it.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    await closed;
    clearInterval(sweep);
    clearTimeout(cut);
  }

  /** Node takes a connection for idle once its answer is complete, although a slow client may still read it. */
  #closeIdle(): void {
    for (const { writableLength } of this.#sockets) if (writableLength > 0) return;
    this.#server.closeIdleConnections();
  }

  /** Answers what is not HTTP with a problem. */
  #refuse(error: NodeJS.ErrnoException, socket: Socket): void {
    // Its own bounds hold then.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && isSlowBodyAllowed(socket)) return;
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const { traceId } = traceOf(undefined);
    const refusal = sharedError(refusals[error.code ?? ""] ?? "MALFORMED_REQUEST");
    const language = "en";
    const occurrence = { language, instance: "", traceId } as const;
    const { status, body, ...problem } = problemAnswer(this.#problems.of(refusal, language), occurrence);
    const headers = [...securityHeaders, ...problem.headers, "Content-Type", PROBLEM_TYPE, "Connection", "close"];
    const lines = Array.from(
      { length: headers.length / 2 },
      (_, index) => `${headers[index * 2]}: ${headers[index * 2 + 1]}`,
    );
    const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, `Content-Length: ${Buffer.byteLength(body)}`];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  }
}
