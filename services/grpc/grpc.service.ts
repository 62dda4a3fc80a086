/** The gRPC gateway: the actions of all services over gRPC, from the same contracts as the HTTP API. */
import type { Context, ServiceSchema, ServiceSettingSchema } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { addName, implement } from "#core/implement.ts";
import { contracts } from "#mixins/node/services.ts";
import { config } from "./grpc.config.ts";
import { grpc } from "./grpc.contract.ts";
import type { Door } from "./door.ts";

interface Names {
  /** Undefined until it is open. */
  readonly door?: Door;
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
        this.door?.look();
      },
      "live.changed"(this: Names, { params }: Context<{ subjects: string[] }>) {
        // Any node may send this event.
        if (Array.isArray(params?.subjects)) this.door?.live.wake(params.subjects);
      },
    },
    methods: {
      async drain() {
        await this.door?.drain();
      },
    },
    async started() {
      const { GRPC_PORT: port, GRPC_HOST: host } = config;
      if (port === null) return;
      const { Door } = await import("./door.ts");
      const door = new Door(this, await served());
      await door.listen(port, host);
      addName(this, "door", door);
      this.logger.info(`gRPC listens on ${host}:${door.port}`);
    },
    async stopped() {
      await this.drain();
    },
  };
  return schema as unknown as ServiceSchema;
};

export default grpcService();
