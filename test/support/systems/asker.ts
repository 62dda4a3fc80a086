/** A node that starts only once another has answered it: see echo.ts. */
import type { Service, ServiceSchema } from "moleculer";

const asker: ServiceSchema = {
  name: "asker",
  async started(this: Service) {
    await this.broker.waitForServices("v1.echo", 90_000);
    await this.broker.call("v1.echo.where", {});
  },
};

export const services = [asker];
