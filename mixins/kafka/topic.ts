/** A topic of one partition: its messages have one order, and a number is a position. */
import type { Admin, Consumer, KafkaRecord } from "@platformatic/kafka";

interface Topic {
  /** Kafka gives a topic that is made anew another one. */
  readonly id: string;
  /** The broker that reads and writes it. */
  readonly leader: number;
}

export interface Found extends Topic {
  /** The first message that is still there. */
  readonly first: number;
  /** The number that the next message will have. */
  readonly end: number;
}

/** The special times of Kafka's ListOffsets. */
const [LATEST, EARLIEST] = [-1n, -2n];

async function look(admin: Admin, name: string): Promise<Topic | null> {
  try {
    const { topics } = await admin.metadata({ topics: [name], forceUpdate: true });
    const { id, partitions } = topics.get(name)!;
    return { id, leader: partitions[0]!.leader };
  } catch (error) {
    // The client gives it no code of its own.
    if ((error as Error).message.startsWith("Unknown topic")) return null;
    throw error;
  }
}

export async function findTopic(admin: Admin, name: string): Promise<Found | null> {
  const topic = await look(admin, name);
  if (!topic) return null;
  const offset = async (timestamp: bigint) => {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const [listed] = await admin.listOffsets({ topics: [{ name, partitions }] });
    return Number(listed!.partitions[0]!.offset);
  };
  const [first, end] = await Promise.all([offset(EARLIEST), offset(LATEST)]);
  return { ...topic, first, end };
}

interface Settings {
  readonly replicas: number;
  /** By Kafka's names of them. */
  readonly limits: Readonly<Record<string, string | number>>;
}

/**
 * Makes the topic unless it exists. One that exists keeps its settings, which operators change with Kafka's tools.
 * @returns its identity
 */
export async function makeTopic(admin: Admin, name: string, { replicas, limits }: Settings): Promise<string> {
  const found = await look(admin, name);
  if (found) return found.id;
  const configs = Object.entries(limits).map(([limit, value]) => ({ name: limit, value: `${value}` }));
  const [made] = await admin.createTopics({ topics: [name], partitions: 1, replicas, configs });
  return made!.id;
}

/** Milliseconds that one read waits for messages. */
const WAIT = 1000;
/** Bytes that one answer holds, or a single batch. */
const BYTES = 1024 * 1024;

/**
 * Reads on from this number, by the topic's identity, so that one which was made anew is not read in its place.
 * @returns the messages with their numbers; none when none came within a second
 */
export async function fetchFrom(
  consumer: Consumer,
  { id, leader }: Topic,
  from: number,
): Promise<(readonly [seq: number, record: KafkaRecord])[]> {
  const partition = {
    partition: 0,
    fetchOffset: BigInt(from),
    partitionMaxBytes: BYTES,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
  const { responses } = await consumer.fetch({
    node: leader,
    topics: [{ topicId: id, partitions: [partition] }],
    maxWaitTime: WAIT,
    minBytes: 1,
    maxBytes: BYTES,
  });
  const batches = responses.flatMap(({ partitions }) => partitions.flatMap(({ records }) => records ?? []));
  return (
    batches
      .flatMap(({ firstOffset, records }) =>
        records.map((record) => [Number(firstOffset) + record.offsetDelta, record] as const),
      )
      // A batch comes as a whole.
      .filter(([seq]) => seq >= from)
  );
}
