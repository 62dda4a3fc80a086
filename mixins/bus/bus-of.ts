/** The bus that a node's topology names. No other file knows which kinds of buses exist. */
import type { ServiceBroker } from "moleculer";
import { requireClient } from "../node/clients.ts";
import { perBroker } from "../node/per-broker.ts";
import { topology } from "../node/topology.ts";
import type { Bus } from "./bus.ts";
import { DurableBus } from "./durable.bus.ts";
import { KafkaDriver } from "./kafka/kafka.driver.ts";
import { localBus } from "./local.bus.ts";
import { NatsDriver } from "./nats/nats.driver.ts";
import { RabbitDriver } from "./rabbitmq/rabbitmq.driver.ts";
import { RedisDriver } from "./redis/redis.driver.ts";

const drivers = { kafka: KafkaDriver, nats: NatsDriver, rabbitmq: RabbitDriver, redis: RedisDriver };

requireClient("BUS_URL", topology.bus);

const durableBus = perBroker(
  (broker, kind: keyof typeof drivers, url: string) => new DurableBus(broker, new drivers[kind](broker, url)),
);

/** All services of a broker share it. */
export const busOf = (broker: ServiceBroker): Bus =>
  topology.bus === "local" ? localBus(broker) : durableBus(broker, topology.bus, topology.busUrl!);
