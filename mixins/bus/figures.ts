/**
 * Figures of events and sagas that need a question to a server. They are asked at intervals and shown whenever
 * `/metrics` is read.
 */
import type { ServiceBroker } from "moleculer";
import { addMetricSource } from "../node/metric-sources.ts";
import { perBroker } from "../node/per-broker.ts";

const ABOUT = {
  madang_outbox_waiting_events: "Events that the bus does not have yet.",
  madang_outbox_oldest_seconds: "Age of the oldest event that the bus does not have yet.",
  madang_bus_pending_events: "Events that a subscriber has not been given yet.",
  madang_bus_unacknowledged_events: "Events that a subscriber was given and has not stored yet.",
  madang_bus_missed_events:
    "The most events that the bus can have dropped before a subscriber had them, since the node started.",
  madang_inbox_waiting_events: "Events that failed and will be tried again.",
  madang_inbox_dead_letters: "Events that a subscriber gave up on.",
  madang_sagas_unfinished: "Sagas that have not ended or need a person, by the version of their definition.",
} as const;

export type Figure = keyof typeof ABOUT;
/** Values by their labels in Prometheus's form: `service="order"`. */
type Values = Map<string, number>;

/** Milliseconds between two questions. */
const INTERVAL = 5000;

function* lines(known: ReadonlyMap<Figure, Values>): Iterable<string> {
  for (const [name, values] of known) {
    if (values.size === 0) continue;
    yield `# HELP ${name} ${ABOUT[name]}`;
    yield `# TYPE ${name} gauge`;
    for (const [labels, value] of values) yield `${name}{${labels}} ${value}`;
  }
}

const figuresOf = perBroker((broker) => {
  const known = new Map<Figure, Values>();
  addMetricSource(broker, () => lines(known));
  return known;
});

function valuesOf(broker: ServiceBroker, name: Figure): Values {
  const known = figuresOf(broker);
  const values = known.get(name) ?? new Map<string, number>();
  known.set(name, values);
  return values;
}

/**
 * Asks for the figures every five seconds. A figure that could not be read is left out.
 * @returns a function that stops asking and removes the figures
 */
export function observe(
  broker: ServiceBroker,
  labels: string,
  names: readonly Figure[],
  ask: () => Promise<readonly number[]>,
): () => void {
  let isEnded = false;
  const forget = () => names.forEach((name) => valuesOf(broker, name).delete(labels));
  const look = async () => {
    const answers = await ask().catch(() => []);
    forget();
    if (!isEnded) answers.forEach((value, index) => valuesOf(broker, names[index]!).set(labels, value));
  };
  const timer = setInterval(() => void look(), INTERVAL).unref();
  return () => {
    isEnded = true;
    clearInterval(timer);
    forget();
  };
}
