import { ConfigError } from "#core/config.ts";
import { natsOptions } from "./nats.ts";
import { topology } from "./topology.ts";
import { requireClient, transport } from "./transport.ts";

describe("transport", () => {
  it("is nothing for a node alone", () => {
    expect(transport()).toMatchObject({ nodeID: topology.nodeId, heartbeatInterval: 1, registry: { stopDelay: 0 } });
    expect(transport()).not.toHaveProperty("transporter");
  });

  it.each([
    ["TRANSPORTER", "amqp", "amqplib"],
    ["TRANSPORTER", "kafka", "@platformatic/kafka"],
    ["TRANSPORTER", "mqtt", "mqtt"],
    ["DISCOVERER", "etcd3", "etcd3"],
  ])("%s %s says what to install", (setting, kind, client) => {
    expect(() => requireClient(setting, kind)).toThrow(ConfigError);
    expect(() => requireClient(setting, kind)).toThrow(
      `${setting} is ${kind}, which needs a package: install it with "npm install ${client}".`,
    );
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
