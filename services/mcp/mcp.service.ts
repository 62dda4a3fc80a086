/** The MCP gateway: the actions of all services as tools and resources for agents, from the same contracts as the HTTP API. */
import type { ServiceSchema, ServiceSettingSchema } from "moleculer";
import type { Contract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { contracts } from "#mixins/node/services.ts";
import { config } from "./mcp.config.ts";
import { mcp } from "./mcp.contract.ts";
import type { Gateway } from "./gateway.ts";

interface Names {
  /** Undefined while it is closed. */
  gateway?: Gateway;
}

interface Methods {
  drain(): Promise<void>;
}

/** @param served the contracts whose actions it offers: those of this release, whatever nodes announce */
export const mcpService = (served: () => Promise<readonly Contract[]> = contracts): ServiceSchema => {
  const schema: ServiceSchema<ServiceSettingSchema, Methods, Names> = {
    name: mcp.name,
    version: mcp.version,
    mixins: [implement(mcp, { actions: {} })],
    methods: {
      /** Accepts no more requests, and answers the accepted ones. */
      async drain() {
        await this.gateway?.drain();
      },
    },
    async started() {
      const { MCP_PORT: port, MCP_HOST: host } = config;
      if (port === null) return;
      // The SDK is loaded only where it is used.
      const { Gateway } = await import("./gateway.ts");
      this.gateway = new Gateway(this, await served());
      await this.gateway.listen(port, host);
      this.logger.info(`MCP listens on ${this.gateway.url}`);
    },
    async stopped() {
      await this.drain();
    },
  };
  return schema as unknown as ServiceSchema;
};

export default mcpService();
