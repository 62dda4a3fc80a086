/** The gRPC gateway: the actions of all services over gRPC, from the same contracts as the HTTP API. */
import type { Context, ServiceSchema, ServiceSettingSchema } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { addName, implement } from "#core/implement.ts";
import { contracts } from "#mixins/node/services.ts";
import { config } from "./grpc.config.ts";
import { grpc } from "./grpc.contract.ts";
import type { Endpoint } from "./endpoint.ts";

interface Names {
  /** Undefined until it is open. */
  readonly endpoint?: Endpoint;
}

interface Methods {
  drain(): Promise<void>;
}

/** @param served the contracts whose actions it offers: those of this release, whatever nodes announce */
export const grpcService = (served: () => Promise<readonly Contract[]> = contracts): ServiceSchema => {
  const schema: ServiceSchema<ServiceSettingSchema, Methods, Names> = {
    name: grpc.name,
    version: grpc.version,
    mixins: [implement(grpc, { actions: {} })],
    events: {
      "$services.changed"(this: Names) {
        this.endpoint?.look();
      },
      "live.changed"(this: Names, { params }: Context<{ subjects: string[] }>) {
        // Any node may send this event.
        if (Array.isArray(params?.subjects)) this.endpoint?.live.wake(params.subjects);
      },
    },
    methods: {
      async drain() {
        await this.endpoint?.drain();
      },
    },
    async started() {
      const { GRPC_PORT: port, GRPC_HOST: host } = config;
      if (port === null) return;
      const { Endpoint } = await import("./endpoint.ts");
      const endpoint = new Endpoint(this, await served());
      await endpoint.listen(port);
      addName(this, "endpoint", endpoint);
      this.logger.info(`gRPC listens on ${host}:${endpoint.port}`);
      if (endpoint.webUrl) this.logger.info(`gRPC-Web and Connect listen on ${endpoint.webUrl}`);
    },
    async stopped() {
      await this.drain();
    },
  };
  return schema as unknown as ServiceSchema;
};

export default grpcService();
