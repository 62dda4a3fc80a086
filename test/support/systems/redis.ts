/** A node's connection to Redis in specs that are about something else than a Redis that is slow. */
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { redisOf } from "#mixins/redis/redis.ts";
import { eventually } from "../fixtures/eventually.ts";

/** Milliseconds. */
export const PATIENCE = 60_000;

/** On a busy machine a command may well take longer than a node would wait for it. Answers what makes it as before. */
export function patient(redis: Redis): () => void {
  const { options } = redis;
  const { commandTimeout, socketTimeout, connectTimeout } = options;
  Object.assign(options, { commandTimeout: PATIENCE, connectTimeout: PATIENCE });
  // A long one would outlive its connection, and end the next.
  delete options.socketTimeout;
  return () => void Object.assign(options, { commandTimeout, socketTimeout, connectTimeout });
}

/** The connection of this node, once it is there, with all the time that it needs. */
export async function patientRedis(broker: ServiceBroker, url: string): Promise<Redis> {
  const redis = redisOf(broker, url)!;
  patient(redis);
  await eventually(() => redis.status === "ready");
  return redis;
}
