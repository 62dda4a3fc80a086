import { setTimeout as wait } from "node:timers/promises";
import { type Service, ServiceBroker } from "moleculer";
import { stopOrder } from "./stop-order.middleware.ts";

describe("the order of stopping", () => {
  it("lets gateways answer what they have taken before any service stops", async () => {
    const story: string[] = [];
    const broker = new ServiceBroker({ logger: false, middlewares: [stopOrder()] });
    broker.createService({ name: "order", stopped: () => void story.push("order stopped") });
    broker.createService({
      name: "api",
      methods: {
        async drain(this: Service) {
          await wait(20);
          story.push("api drained");
        },
      },
      stopped: () => void story.push("api stopped"),
    });
    await broker.start();
    await broker.stop();
    expect(story[0]).toBe("api drained");
    expect(story.slice(1).toSorted((a, b) => a.localeCompare(b))).toEqual(["api stopped", "order stopped"]);
  });
});
