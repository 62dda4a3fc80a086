import { ConfigError } from "#core/config.ts";
import { requireClient } from "./clients.ts";
import { natsOptions } from "./nats.ts";
import { topology } from "./topology.ts";
import { transport } from "./transport.ts";

describe("transport", () => {
  it("is nothing for a node alone", () => {
    expect(transport()).toMatchObject({ nodeID: topology.nodeId, heartbeatInterval: 1, registry: { stopDelay: 0 } });
    expect(transport()).not.toHaveProperty("transporter");
  });

  it.each([
    ["TRANSPORTER", "amqp", "amqplib"],
    ["TRANSPORTER", "kafka", "@platformatic/kafka"],
    ["TRANSPORTER", "mqtt", "mqtt"],
    ["BUS_URL", "rabbitmq", "rabbitmq-client"],
  ])("%s %s says what to install", (setting, kind, client) => {
    const require = () =>
      requireClient(setting, kind, (name) => {
        throw new Error(`There is no ${name}.`);
      });
    expect(require).toThrow(ConfigError);
    expect(require).toThrow(`${setting} is ${kind}, which needs a package: install it with "npm install ${client}".`);
  });

  it.each(["nats", "redis", "tcp"])("%s needs nothing more", (kind) => {
    expect(() => requireClient("TRANSPORTER", kind)).not.toThrow();
  });
});

describe("natsOptions", () => {
  it("reads several servers, and credentials as they were before they were made part of an address", () => {
    expect(natsOptions("nats://ann:p%40ss@one:4222,nats://two:4222")).toMatchObject({
      servers: ["one:4222", "two:4222"],
      user: "ann",
      pass: "p@ss",
      name: topology.nodeId,
      maxReconnectAttempts: -1,
    });
  });

  it("names other connections after the node and their purpose", () => {
    expect(natsOptions("nats://one:4222", "detection").name).toBe(`${topology.nodeId}/detection`);
  });
});
