/** The packages of clients that not every deployment needs. */
import { createRequire } from "node:module";
import { ConfigError } from "#core/config.ts";

/** By the scheme of an address, or the kind of a bus. */
const clients: Readonly<Record<string, string>> = {
  amqp: "amqplib",
  amqps: "amqplib",
  kafka: "@platformatic/kafka",
  kafkas: "@platformatic/kafka",
  mqtt: "mqtt",
  mqtts: "mqtt",
  rabbitmq: "rabbitmq-client",
};

const { resolve } = createRequire(import.meta.url);

/** @throws ConfigError that names the package to install */
export function requireClient(setting: string, kind: string, find: (name: string) => unknown = resolve): void {
  const client = clients[kind];
  if (!client) return;
  try {
    find(client);
  } catch {
    throw new ConfigError(`${setting} is ${kind}, which needs a package: install it with "npm install ${client}".`);
  }
}
