/** Work that begins at a steady rate, whatever the answers take, so that a pause of the process is seen by all who wait. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Paced {
  /** Milliseconds from when each should have begun. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of this process's time for each. */
  readonly cost: number;
}

export interface Pace {
  readonly perSecond: number;
  readonly seconds: number;
}

/** @param times milliseconds, in any order */
export function percentiles(times: readonly number[]): Pick<Paced, "p50" | "p99"> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** @param work is given the number of the one that begins */
export async function paced(
  { perSecond, seconds }: Pace,
  work: (number: number) => Promise<unknown> | void,
): Promise<Paced> {
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const began = performance.now();
  const before = process.cpuUsage();
  for (let number = 0; number < perSecond * seconds; number += 1) {
    const due = began + (number * 1000) / perSecond;
    while (performance.now() < due) await sleep(1);
    under.push(Promise.resolve(work(number)).then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(under);
  const { user, system } = process.cpuUsage(before);
  return { ...percentiles(times), cost: (user + system) / times.length };
}
