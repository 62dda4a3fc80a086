/** What happened to an order, step by step, as its owner and staff see it. */
import type { Order, TimelineEntry } from "./answer.contract.ts";
import { beginning, entryOf, standing, timelineOf } from "./order.model.ts";
import { story } from "./order.repository.ts";
import type { Host } from "./order.saga.ts";

export async function timeline(
  { db, saga }: Pick<Host, "db" | "saga">,
  order: Order,
): Promise<{ items: TimelineEntry[] }> {
  const steps = await saga.steps(order.id);
  const { statusAt, notes } = await story(db, order.id);
  return { items: timelineOf(beginning(order), steps.map(entryOf), notes, standing(order, statusAt)) };
}
