/** What an address of a server may say after its host: a part that nobody would read is refused, since whoever wrote it means something. */
import { ConfigError } from "#core/config.ts";

interface Kind {
  /** What the path of an address may be, without its slash. */
  readonly path: RegExp;
  readonly advice: string;
}

const without = (name: string): Kind => ({ path: /^$/, advice: `${name} has no use for: leave it out` });
const redis: Kind = { path: /^\d{0,9}$/, advice: "must be the number of a database of Redis, such as /2" };
const nats = without("NATS");
const kafka = without("Kafka");
const mqtt = without("MQTT");
const etcd = without("etcd");

/** By scheme. With AMQP the path is a virtual host, whose name may be any; with TCP it is the name of a node. */
const kinds: Readonly<Record<string, Kind>> = {
  redis,
  rediss: redis,
  nats,
  tls: nats,
  kafka,
  kafkas: kafka,
  mqtt,
  mqtts: mqtt,
  http: etcd,
  https: etcd,
};

/** Who leaves a node's name or port out would be left out by Moleculer, with a warning that only the log tells. */
function checkNodes(setting: string, addresses: readonly URL[]): void {
  if (addresses.length === 1 && addresses[0]!.href === "tcp://") return;
  if (addresses.every(({ hostname, port, pathname }) => hostname && port && /^\/[^/]+$/.test(pathname))) return;
  throw new ConfigError(
    `${setting} must name each node with its port, such as tcp://10.0.0.1:6000/order-1,tcp://10.0.0.2:6000/user-1, or be tcp:// alone.`,
  );
}

/**
 * @param addresses separated by commas; null when the setting is not there
 * @throws ConfigError for a path that the server of this address does not know
 */
export function checkAddresses(setting: string, addresses: string | null): void {
  if (addresses === null) return;
  const urls = addresses.split(",").map((address) => new URL(address.trim()));
  if (urls[0]!.protocol === "tcp:") return checkNodes(setting, urls);
  for (const { protocol, pathname } of urls) {
    const kind = kinds[protocol.slice(0, -1)];
    // It is not shown, because a password that is not encoded may end up in it.
    if (kind && !kind.path.test(pathname.slice(1)))
      throw new ConfigError(`${setting} has a path after the host, which ${kind.advice}.`);
  }
}
