/**
 * The store of one service's events in RabbitMQ: a stream, bound to the topic exchange to which everybody's events go, so that
 * others may bind queues of their own to it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AsyncMessage, Channel, Connection, Envelope as Message } from "rabbitmq-client";
import { DAY } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import { newId } from "#core/id.ts";
import { inTime as limited } from "#core/in-time.ts";
import { config, MAX_AGE } from "../bus.config.ts";
import { toCloudEvent } from "../cloud-event.ts";

export const EXCHANGE = "madang.events";
export const streamOf = (source: string): string => `madang.${source}`;

/** Makes the stream unless it exists. A stream of other limits keeps them, as its arguments cannot be changed. */
export async function makeStore(connection: Connection, source: string): Promise<void> {
  const queue = streamOf(source);
  await withChannel(connection, async (channel) => {
    await channel.exchangeDeclare({ exchange: EXCHANGE, type: "topic", durable: true });
    await channel.queueDeclare({
      queue,
      durable: true,
      arguments: {
        "x-queue-type": "stream",
        "x-max-age": `${MAX_AGE / DAY}D`,
        "x-max-length-bytes": config.BUS_MAX_BYTES,
        // Whole segments are dropped.
        "x-stream-max-segment-size-bytes": Math.min(Math.ceil(config.BUS_MAX_BYTES / 8), 100_000_000),
      },
    });
    await channel.queueBind({ queue, exchange: EXCHANGE, routingKey: `${source}.#` });
  });
}

/** An event as a message: CloudEvents' binding to AMQP, with the whole event as its body. */
export const messageOf = (event: Envelope): readonly [Message, Buffer] => [
  {
    exchange: EXCHANGE,
    routingKey: event.type,
    mandatory: true,
    durable: true,
    contentType: "application/cloudevents+json",
    messageId: event.id,
    type: event.type,
  },
  Buffer.from(JSON.stringify(toCloudEvent(event))),
];

/** Milliseconds that RabbitMQ may take to answer. */
export const PATIENCE = 2000;

export const inTime = <T>(work: Promise<T>): Promise<T> =>
  limited(work, PATIENCE, `RabbitMQ has not answered within ${PATIENCE} ms`);

/** The type of a message that only shows where a stream ends. */
const PROBE = "madang.probe";

/**
 * The number of the last message; null when there is no stream. RabbitMQ tells it nowhere, so a message is sent that nobody
 * wants, and read again.
 */
export async function endOf(publishing: Connection, reading: Connection, source: string): Promise<number | null> {
  const messageId = newId();
  const isStored = await withChannel(publishing, async (channel) => {
    let isStored = true;
    channel.once("basic.return", () => (isStored = false));
    await channel.confirmSelect();
    const probe = { routingKey: streamOf(source), mandatory: true, durable: true, messageId, type: PROBE };
    await channel.basicPublish(probe, Buffer.from(""));
    // What was returned is told a turn later.
    await new Promise(setImmediate);
    return isStored;
  });
  if (!isStored) return null;
  return withChannel(reading, async (channel) => {
    const { promise: found, resolve, reject } = Promise.withResolvers<number>();
    // It may be lost before anybody waits for it.
    found.catch(() => {});
    channel.once("close", () => reject(new Error("The connection was lost.")));
    await readFromLast(channel, source, (message) => {
      if (message.messageId === messageId) resolve(offsetOf(message));
    });
    return found;
  });
}

/** Milliseconds without a message after which the last chunk has arrived. */
const SILENCE = 50;

/** The number of the last message, as nearly as a figure needs it; -1 when there is none. */
export const lastOf = (connection: Connection, source: string): Promise<number> =>
  withChannel(connection, async (channel) => {
    let [last, before] = [-1, -1];
    await readFromLast(channel, source, (message) => (last = offsetOf(message)));
    do {
      before = last;
      await sleep(SILENCE);
    } while (last !== before);
    return last;
  });

/** Messages are stored in chunks, and a stream is read from the beginning of one. */
async function readFromLast(channel: Channel, source: string, take: (message: AsyncMessage) => void): Promise<void> {
  await channel.basicQos({ prefetchCount: 1000 });
  await channel.basicConsume({ queue: streamOf(source), arguments: { "x-stream-offset": "last" } }, (message) => {
    channel.basicAck({ deliveryTag: message.deliveryTag });
    take(message);
  });
}

export const offsetOf = ({ headers }: { headers?: Record<string, unknown> }): number =>
  Number(headers?.["x-stream-offset"]);

/** The channel ends with the patience: work that nobody waits for any more must not keep one for ever. */
async function withChannel<T>(connection: Connection, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.acquire();
  try {
    return await inTime(work(channel));
  } finally {
    channel.close().catch(() => {});
  }
}
