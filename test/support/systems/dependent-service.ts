/** A node that starts only once another has answered it: see echo-service.ts. */
import type { Service, ServiceSchema } from "moleculer";

const dependent: ServiceSchema = {
  name: "dependent",
  async started(this: Service) {
    await this.broker.waitForServices("v1.echo", 90_000);
    await this.broker.call("v1.echo.where", {});
  },
};

export const services = [dependent];
