/**
 * The store of one service's events in Kafka: a topic of one partition, so that its events have one order, and a number is a
 * position.
 */
import type { Admin, MessageToProduce } from "@platformatic/kafka";
import type { Envelope } from "#core/envelope.ts";
import { config, MAX_AGE } from "../bus.config.ts";
import { toCloudEvent } from "../cloud-event.ts";

export const topicOf = (source: string): string => `madang.${source}`;

/** Bytes of the most that an outbox publishes at once: Kafka takes a batch as a whole. */
const LARGEST = 16 * 1024 * 1024;
/** Bytes. Whole segments are dropped, and none is smaller than what may come at once. */
const segment = Math.min(Math.max(Math.ceil(config.BUS_MAX_BYTES / 8), LARGEST), 1024 * 1024 * 1024);

const limits = {
  "cleanup.policy": "delete",
  "retention.ms": MAX_AGE,
  "retention.bytes": config.BUS_MAX_BYTES,
  "segment.bytes": segment,
  "max.message.bytes": LARGEST,
  // The age of an event does not depend on the clock of the node that published it.
  "message.timestamp.type": "LogAppendTime",
  // One broker may be away, and what was confirmed is still on another.
  "min.insync.replicas": Math.max(config.BUS_REPLICAS - 1, 1),
};

/** The special times of Kafka's ListOffsets. */
const [LATEST, EARLIEST] = [-1n, -2n];

interface Topic {
  /** Kafka gives a topic that is made anew another one. */
  readonly id: string;
  /** The broker that reads and writes it. */
  readonly leader: number;
}

export interface Found extends Topic {
  /** The first event that is still there. */
  readonly first: number;
  /** The number that the next event will have. */
  readonly end: number;
}

async function findTopic(admin: Admin, source: string): Promise<Topic | null> {
  const topic = topicOf(source);
  try {
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true });
    const { id, partitions } = topics.get(topic)!;
    return { id, leader: partitions[0]!.leader };
  } catch (error) {
    // The client gives it no code of its own.
    if ((error as Error).message.startsWith("Unknown topic")) return null;
    throw error;
  }
}

export async function findStore(admin: Admin, source: string): Promise<Found | null> {
  const topic = await findTopic(admin, source);
  if (!topic) return null;
  const offset = async (timestamp: bigint) => {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const [listed] = await admin.listOffsets({ topics: [{ name: topicOf(source), partitions }] });
    return Number(listed!.partitions[0]!.offset);
  };
  const [first, end] = await Promise.all([offset(EARLIEST), offset(LATEST)]);
  return { ...topic, first, end };
}

/**
 * Makes the topic unless it exists. One that exists keeps its settings, which operators change with Kafka's tools.
 * @returns the identity of the store
 */
export async function makeStore(admin: Admin, source: string): Promise<string> {
  const found = await findTopic(admin, source);
  if (found) return found.id;
  const [made] = await admin.createTopics({
    topics: [topicOf(source)],
    partitions: 1,
    replicas: config.BUS_REPLICAS,
    configs: Object.entries(limits).map(([name, value]) => ({ name, value: `${value}` })),
  });
  return made!.id;
}

/** The headers by which a reader knows a message without its body. */
export const [TYPE, ID] = ["ce_type", "ce_id"];

/** An event as a message: CloudEvents' binding to Kafka, with the whole event as its body. */
export const messageOf = (event: Envelope): MessageToProduce<string, string, string, string> => ({
  topic: topicOf(event.source),
  partition: 0,
  key: event.subject,
  value: JSON.stringify(toCloudEvent(event)),
  headers: { "content-type": "application/cloudevents+json", [TYPE]: event.type, [ID]: event.id },
});
