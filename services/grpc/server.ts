/** The gRPC server itself: its limits, its address, its certificates, and its end. */
import { type sendUnaryData, Server, ServerCredentials } from "@grpc/grpc-js";
import type { Http2Session } from "node:http2";
import { isIPv6 } from "node:net";
import { ConfigError } from "#core/config.ts";
import type { StreamCall, UnaryCall } from "./native.ts";

interface Options {
  /** Milliseconds after which a connection is asked to reconnect. */
  readonly connectionAge: number;
  /** PEM. Without them, anybody reads what is sent. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly clientCa: string | null } | undefined;
}

/** The most bytes of a NATS message. */
const MOST = 1024 * 1024;

/** Times in milliseconds. */
const limits = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 5000,
  "grpc.max_connection_age_grace_ms": 20_000,
  "grpc.max_concurrent_streams": 256,
  "grpc.max_receive_message_length": MOST,
  "grpc.enable_channelz": 0,
};

const asIs = (bytes: Buffer): Buffer => bytes;

/** Of channelz, which would cost each call something, grpc-js 1.14 has the only list of what `forceShutdown` ends. */
function sessionsOf(server: Server): readonly Http2Session[] {
  const { http2Servers } = server as unknown as {
    readonly http2Servers: ReadonlyMap<unknown, { readonly sessions: ReadonlySet<Http2Session> }>;
  };
  return [...http2Servers.values()].flatMap(({ sessions }) => [...sessions]);
}

export class GrpcServer {
  readonly server: Server;
  readonly #credentials: ServerCredentials;
  #port = 0;
  #drained: Promise<void> | undefined;

  constructor({ connectionAge, tls }: Options) {
    this.server = new Server({ ...limits, "grpc.max_connection_age_ms": connectionAge });
    this.#credentials = tls
      ? ServerCredentials.createSsl(
          tls.clientCa === null ? null : Buffer.from(tls.clientCa),
          [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) }],
          tls.clientCa !== null,
        )
      : ServerCredentials.createInsecure();
  }

  /** Messages stay bytes: what cannot be read is answered with a status of ours. */
  unary(path: string, serve: (call: UnaryCall, done: sendUnaryData<Buffer>) => void): void {
    this.server.register(path, serve, asIs, asIs, "unary");
  }

  stream(path: string, serve: (call: StreamCall) => void): void {
    this.server.register(path, serve, asIs, asIs, "serverStream");
  }

  /** On which it listens. */
  get port(): number {
    return this.#port;
  }

  /** @throws ConfigError when the address is not available */
  async listen(port: number, host: string): Promise<void> {
    const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    this.#port = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(address, this.#credentials, (error, bound) => {
        if (error) reject(new ConfigError(`GRPC_PORT ${port} of ${host} cannot be listened on (${error.message}).`));
        else resolve(bound);
      });
    });
  }

  /**
   * Accepts no more calls, and waits for the answers to the accepted ones.
   * @param patience milliseconds after which connections are closed
   */
  drain(patience: number): Promise<void> {
    return (this.#drained ??= new Promise((resolve) => {
      const cut = setTimeout(() => {
        this.server.forceShutdown();
        for (const session of sessionsOf(this.server)) session.destroy();
      }, patience);
      this.server.tryShutdown(() => {
        clearTimeout(cut);
        resolve();
      });
    }));
  }
}
