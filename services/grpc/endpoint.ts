/** Everything of gRPC together, loaded only where a port is set. */
import type { Service } from "moleculer";
import type { Contract } from "#core/contract.ts";
import type { LiveStreams } from "#mixins/gateway/live.ts";
import { config } from "./grpc.config.ts";
import { Gateway } from "./gateway.ts";
import { answer, stream } from "./native.ts";
import { descriptorsOf, registryOf } from "./proto.descriptors.ts";
import numbers from "./proto.lock.json" with { type: "json" };
import { protoOf } from "./proto.model.ts";
import { GrpcServer } from "./server.ts";
import { StandardServices } from "./standard.ts";
import type { WebServer } from "./web.ts";

/** Milliseconds that calls under way may take when the node stops. */
const PATIENCE = 10_000;

export class Endpoint {
  readonly #gateway: Gateway;
  readonly #standard: StandardServices;
  readonly #server: GrpcServer;
  #web: WebServer | undefined;

  constructor(service: Service, contracts: readonly Contract[]) {
    const { GRPC_TLS_CERTIFICATE: certificate, GRPC_TLS_KEY: key, GRPC_TLS_CLIENT_CA: clientCa } = config;
    const { files } = protoOf(contracts, numbers);
    const descriptors = descriptorsOf(files);
    this.#gateway = new Gateway(service, files, registryOf(descriptors));
    this.#standard = new StandardServices(service.broker, this.#gateway.admission, files, descriptors);
    this.#server = new GrpcServer({
      connectionAge: config.GRPC_CONNECTION_AGE,
      tls: certificate !== null && key !== null ? { certificate, key, clientCa } : undefined,
    });
    for (const plan of this.#gateway.plans) {
      if (plan.isStream) this.#server.stream(`/${plan.name}`, (call) => stream(this.#gateway, plan, call));
      else this.#server.unary(`/${plan.name}`, (call, done) => void answer(this.#gateway, plan, call, done));
    }
    this.#standard.addTo(this.#server.server);
  }

  get live(): LiveStreams {
    return this.#gateway.live;
  }

  get port(): number {
    return this.#server.port;
  }

  /** Of gRPC-Web and Connect, where they are on. */
  get webUrl(): string | undefined {
    return this.#web?.url;
  }

  /** @throws ConfigError when an address is not available */
  async listen(port: number): Promise<void> {
    const { GRPC_HOST: host, GRPC_WEB_PORT: webPort } = config;
    await this.#server.listen(port, host);
    if (webPort === null) return;
    const { WebServer } = await import("./web.ts");
    this.#web = new WebServer(this.#gateway);
    await this.#web.listen(webPort, host);
  }

  /** Called when a service appears or leaves, in any node. */
  look(): void {
    this.#standard.look();
  }

  /** Accepts no more calls, and answers the accepted ones. */
  async drain(): Promise<void> {
    this.#standard.stop();
    this.live.close();
    this.#gateway.metrics.stop();
    await Promise.all([this.#server.drain(PATIENCE), this.#web?.drain(PATIENCE)]);
  }
}
