/** A node's one connection to Redis, which makes things faster where it is, and delays nothing where it is not. */
import { Redis, type RedisOptions } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { reportDependency } from "../node/dependencies.ts";
import { topology } from "../node/topology.ts";
import { perBroker } from "../node/per-broker.ts";

/** Milliseconds. A slower command costs more than it saves. */
const COMMAND = 100;
/** Milliseconds without an answer after which the connection counts as lost, so that a frozen server delays nothing. */
const SILENCE = 250;
const CONNECT = 1000;
const LONGEST_PAUSE = 500;

/** Milliseconds in which every node that can reach Redis reconnects, after the first one has. */
export const RETURN = CONNECT + LONGEST_PAUSE;

const WITHOUT = "limits hold per process, and what is read often is read again";

const options: RedisOptions = {
  commandTimeout: COMMAND,
  socketTimeout: SILENCE,
  connectTimeout: CONNECT,
  retryStrategy: (attempts) => Math.min(50 * 2 ** Math.min(attempts - 1, 10), LONGEST_PAUSE),
  // While Redis is away, commands fail at once and the node works without it.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  disableClientInfo: true,
};

const connectionOf = perBroker((broker, url: string) => {
  const redis = new Redis(url, { ...options, connectionName: `${broker.nodeID}/redis` });
  watch(redis, broker);
  broker.localBus.once("$broker.stopped", () => {
    redis.removeAllListeners("close");
    redis.disconnect();
  });
  return redis;
});

/**
 * The node's connection; null where no Redis is configured. Its commands fail at once while Redis is away, and after
 * 100 ms in any case. It is closed after the broker has stopped.
 */
export const redisOf = (broker: ServiceBroker, url: string | null = topology.redisUrl): Redis | null =>
  url === null ? null : connectionOf(broker, url);

/** Reports to the log and to `/health` when Redis goes away and when it is back. */
function watch(redis: Redis, broker: ServiceBroker): void {
  const logger = broker.getLogger("redis");
  const tell = (status: "ok" | "away") =>
    reportDependency(broker, { name: "redis", status, ...(status === "away" && { detail: WITHOUT }) });
  let isMissed = false;
  let reason = "connection closed";
  const miss = () => {
    tell("away");
    if (!isMissed) logger.warn(`Redis is away (${reason}): ${WITHOUT}.`);
    isMissed = true;
  };
  tell("away");
  redis.on("error", (error) => (reason = error.message));
  redis.on("close", miss);
  redis.on("ready", () => {
    tell("ok");
    if (isMissed) logger.warn("Redis is back.");
    isMissed = false;
    reason = "connection closed";
  });
}
