/** What a piece of work costs, with all processes that it starts. */
import { readFileSync } from "node:fs";

export interface Cost {
  /** Seconds of processor time. */
  readonly processor: number;
  readonly clock: number;
}

/** Seconds of processor time of this process and of its children that have ended (proc(5), in ticks of 10 ms). */
function processorTime(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** Linux only. */
export async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  const [processor, clock] = [processorTime(), performance.now()];
  await work();
  return { processor: processorTime() - processor, clock: (performance.now() - clock) / 1000 };
}
