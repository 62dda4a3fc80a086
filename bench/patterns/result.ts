/** What one pattern has shown, and what readers call it. */
import type { Speed } from "./measure.ts";
import type { Outcome } from "./outcome.ts";

export type LoadName = "one" | "many" | "oneLarge" | "manyLarge";

export interface Result {
  readonly name: string;
  readonly speed: Readonly<Record<LoadName, Speed>>;
  /** Microseconds of processor time for an order of 1 KB, 64 in flight: of the shop, the depot, and the server between. */
  readonly cpu: readonly [shop: number, depot: number, broker: number];
  /** Milliseconds for 10,000 small items; null when they did not all come. */
  readonly stream: number | null;
  readonly frozen?: Outcome;
  readonly killed?: Outcome;
}

export type Language = "en" | "ko";

/** The place of a language in a list of both. */
export const at = (language: Language): 0 | 1 => (language === "ko" ? 1 : 0);

const labels: Readonly<Record<string, readonly [en: string, ko: string]>> = {
  "call-alone": ["call in one process", "한 프로세스 안의 호출"],
  "event-alone": ["event in one process", "한 프로세스 안의 이벤트"],
  call: ["broker call", "브로커 호출"],
  http: ["HTTP", "HTTP"],
  grpc: ["gRPC", "gRPC"],
  job: ["job", "작업(job)"],
  "event-nats": ["event over NATS", "이벤트(NATS)"],
  "event-redis": ["event over Redis", "이벤트(Redis)"],
  "event-rabbitmq": ["event over RabbitMQ", "이벤트(RabbitMQ)"],
  "event-kafka": ["event over Kafka", "이벤트(Kafka)"],
  pubsub: ["Redis Pub/Sub", "Redis Pub/Sub"],
};

export const labelOf = (name: string, language: Language = "en"): string => labels[name]![at(language)];
