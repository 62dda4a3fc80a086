/** The stream of a publishing service, and the consumers of those that read it: made here, and again when JetStream lost them. */
import type { ConsumerConfig, ConsumerInfo, JetStreamManager, StreamConfig, StreamInfo } from "nats";
import { count, defineConfig } from "#core/config.ts";

const config = defineConfig("bus", {
  BUS_MAX_BYTES: count("Bytes that the bus keeps of one service's events at most; the oldest go first.", 536_870_912, {
    least: 1_048_576,
    most: 1_099_511_627_776,
  }),
  BUS_REPLICAS: count("NATS servers that keep each event.", 1, { least: 1, most: 5 }),
});

const NANOSECONDS = 1_000_000;
/** Milliseconds that an event stays in the stream: as long as in its outbox. */
const MAX_AGE = 7 * 24 * 60 * 60 * 1000;
/** Milliseconds in which an event that comes again is recognised by the server; later, by the inboxes. */
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

/** Null instead of the error that says that the stream or consumer does not exist. */
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

/** Makes the stream; one that another node has just made is as good. */
const makeStream = (jsm: JetStreamManager, source: string): Promise<StreamInfo> => jsm.streams.add(definition(source));

/** Brings the limits of an existing stream up to date with the settings. */
async function limitStream(jsm: JetStreamManager, source: string, current: StreamConfig): Promise<void> {
  const names = Object.keys(limits) as (keyof typeof limits)[];
  if (names.some((name) => current[name] !== limits[name])) await jsm.streams.update(streamOf(source), limits);
}

/** @param found what `findStream` answered */
export async function ensureStream(
  jsm: JetStreamManager,
  source: string,
  found: StreamInfo | null,
): Promise<StreamInfo> {
  if (!found) return makeStream(jsm, source);
  await limitStream(jsm, source, found.config);
  return found;
}

/** Milliseconds after which the server gives an event that nobody acknowledged to another node. */
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
  /** Null when there is none that can be used. */
  readonly consumer: ConsumerInfo | null;
  /** The stream lost its end and the consumer did not: it would pass over the events that come next. */
  readonly isAhead: boolean;
}

/** Null while the service has no stream. */
export async function findReading(jsm: JetStreamManager, source: string, group: string): Promise<Reading | null> {
  // The consumer first: what another node is given between the two must not seem to lie beyond the stream's end.
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
