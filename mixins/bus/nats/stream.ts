/** Creates the stream of a publishing service and the consumers of its readers, again when JetStream lost them. */
import type { ConsumerConfig, ConsumerInfo, JetStreamManager, StreamConfig, StreamInfo } from "nats";
import { config, MAX_AGE } from "../bus.config.ts";

const NANOSECONDS = 1_000_000;
/** Milliseconds in which the server recognises a duplicate event. Later duplicates are recognised by the inboxes. */
const DUPLICATES = 2 * 60 * 1000;
const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;

export const streamOf = (source: string): string => `madang-${source}`;
const SUBJECT = "madang.event.";
export const subjectOf = (type: string): string => SUBJECT + type;
export const typeOf = (subject: string): string => subject.slice(SUBJECT.length);

const limits = {
  max_age: MAX_AGE * NANOSECONDS,
  max_bytes: config.BUS_MAX_BYTES,
  num_replicas: config.BUS_REPLICAS,
  duplicate_window: DUPLICATES * NANOSECONDS,
} satisfies Partial<StreamConfig>;

const definition = (source: string) =>
  ({
    name: streamOf(source),
    subjects: [subjectOf(`${source}.>`)],
    storage: "file",
    retention: "limits",
    discard: "old",
    ...limits,
  }) as Partial<StreamConfig> & { name: string };

/** Answers null instead of the error that the stream or consumer does not exist. */
export async function ifThere<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const code = (error as { api_error?: { err_code?: number } }).api_error?.err_code;
    if (code === STREAM_NOT_FOUND || code === CONSUMER_NOT_FOUND) return null;
    throw error;
  }
}

export const findStream = (jsm: JetStreamManager, source: string): Promise<StreamInfo | null> =>
  ifThere(jsm.streams.info(streamOf(source)));

/** Creates the stream. It succeeds when another node has just created the same one. */
const makeStream = (jsm: JetStreamManager, source: string): Promise<StreamInfo> => jsm.streams.add(definition(source));

/** Updates the limits of an existing stream to the settings. */
async function limitStream(jsm: JetStreamManager, source: string, current: StreamConfig): Promise<void> {
  const names = Object.keys(limits) as (keyof typeof limits)[];
  if (names.some((name) => current[name] !== limits[name])) await jsm.streams.update(streamOf(source), limits);
}

/** @param found the answer of `findStream` */
export async function ensureStream(
  jsm: JetStreamManager,
  source: string,
  found: StreamInfo | null,
): Promise<StreamInfo> {
  if (!found) return makeStream(jsm, source);
  await limitStream(jsm, source, found.config);
  return found;
}

/** Milliseconds after which the server delivers an unacknowledged event to another node. */
const ACK_WAIT = 15_000;

const consumer = (group: string) =>
  ({
    durable_name: group,
    ack_policy: "explicit",
    deliver_policy: "all",
    ack_wait: ACK_WAIT * NANOSECONDS,
    max_deliver: -1,
    max_ack_pending: 2000,
  }) as Partial<ConsumerConfig>;

export interface Reading {
  readonly stream: StreamInfo;
  /** Null when no usable consumer exists. */
  readonly consumer: ConsumerInfo | null;
  /** The stream lost its last events but the consumer's position was kept, so that it would skip the next events. */
  readonly isAhead: boolean;
}

/** Answers null while the service has no stream. */
export async function findReading(jsm: JetStreamManager, source: string, group: string): Promise<Reading | null> {
  // The consumer is read before the stream, because events that another node receives in between must not seem to lie
  // beyond the stream's end.
  const found = await ifThere(jsm.consumers.info(streamOf(source), group));
  const stream = await findStream(jsm, source);
  if (!stream) return null;
  const isAhead = found !== null && found.delivered.stream_seq > stream.state.last_seq;
  return { stream, consumer: isAhead ? null : found, isAhead };
}

export async function ensureConsumer(
  jsm: JetStreamManager,
  source: string,
  group: string,
  { consumer: found, isAhead }: Reading,
): Promise<void> {
  if (isAhead) await jsm.consumers.delete(streamOf(source), group);
  if (!found) await jsm.consumers.add(streamOf(source), consumer(group));
}
