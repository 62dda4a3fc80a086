/** Figures of events, sagas and jobs that need a question to a server. It is asked whenever `/metrics` is read. */
import { setTimeout as sleep } from "node:timers/promises";
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
  madang_jobs_due: "Jobs that may begin, and have not begun yet.",
  madang_jobs_running: "Jobs that a node runs.",
  madang_jobs_dead: "Jobs that failed too often and need a person.",
} as const;

export type Figure = keyof typeof ABOUT;

interface Observed {
  readonly names: readonly Figure[];
  /** In Prometheus's form: `service="order"`. */
  readonly labels: string;
  readonly ask: () => Promise<readonly number[]>;
}

/** Milliseconds that a reader waits for an answer. */
const PATIENCE = 1000;

async function read(observed: ReadonlySet<Observed>): Promise<string[]> {
  const late = sleep(PATIENCE, [], { ref: false });
  const asked = [...observed].map(async ({ names, labels, ask }) => {
    const values = await Promise.race([ask(), late]).catch(() => []);
    return values.map((value, index) => ({ name: names[index]!, line: `${names[index]!}{${labels}} ${value}` }));
  });
  const byName = Map.groupBy((await Promise.all(asked)).flat(), ({ name }) => name);
  return [...byName].flatMap(([name, lines]) => [
    `# HELP ${name} ${ABOUT[name]}`,
    `# TYPE ${name} gauge`,
    ...lines.map(({ line }) => line),
  ]);
}

const observedOf = perBroker((broker) => {
  const observed = new Set<Observed>();
  let reading: Promise<string[]> | undefined;
  // Who reads while another reads gets the same answer, so that many readers ask no more than one.
  addMetricSource(broker, () => (reading ??= read(observed).finally(() => (reading = undefined))));
  return observed;
});

/**
 * Adds figures to the node's metrics. One that could not be read in time is left out.
 * @returns a function that removes them
 */
export function observe(
  broker: ServiceBroker,
  labels: string,
  names: readonly Figure[],
  ask: () => Promise<readonly number[]>,
): () => void {
  const one = { names, labels, ask };
  const observed = observedOf(broker).add(one);
  return () => void observed.delete(one);
}
