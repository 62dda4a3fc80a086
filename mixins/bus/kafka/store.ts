/**
 * The store of one service's events in Kafka: a topic of one partition, so that its events have one order, and a number is a
 * position.
 */
import type { Admin, MessageToProduce } from "@platformatic/kafka";
import type { Envelope } from "#core/envelope.ts";
import { findTopic, type Found, makeTopic } from "#mixins/kafka/topic.ts";
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

export const findStore = (admin: Admin, source: string): Promise<Found | null> => findTopic(admin, topicOf(source));

/** @returns the identity of the store */
export const makeStore = (admin: Admin, source: string): Promise<string> =>
  makeTopic(admin, topicOf(source), { replicas: config.BUS_REPLICAS, limits });

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
