/** How the shop sends orders: a given number at once, or at a steady rate, also while they fail. */
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "./clock.ts";
import { ITEMS } from "./contracts.ts";
import { newOrder, type Way } from "./shop.ts";

/** Who waits for an order to be held, where the way itself does not tell. */
export class Effects {
  readonly #waiting = new Map<string, () => void>();

  /**
   * Resolves when the order is held; false when that takes too long.
   * @param patience milliseconds
   */
  of(orderId: string, patience = 10_000): Promise<boolean> {
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#end(orderId, () => resolve(false)), patience);
      this.#waiting.set(orderId, () => {
        clearTimeout(late);
        resolve(true);
      });
    });
  }

  told(orderId: string): void {
    this.#end(orderId, this.#waiting.get(orderId));
  }

  #end(orderId: string, done: (() => void) | undefined): void {
    this.#waiting.delete(orderId);
    done?.();
  }
}

export interface Speed {
  readonly orders: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
}

interface Load {
  readonly name: string;
  readonly inFlight: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

/** Each lane passes its next order on when the one before is held. */
export async function speedOf(way: Way, effects: Effects, load: Load): Promise<Speed> {
  const times: number[] = [];
  let seq = 0;
  const began = performance.now();
  const lane = async () => {
    while (performance.now() - began < load.milliseconds) {
      const order = newOrder(load.name, (seq += 1), load.bytes);
      const started = performance.now();
      const held = way.isAnswered ? true : effects.of(order.orderId);
      await way.pass(order);
      if (await held) times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: load.inFlight }, lane));
  const elapsed = performance.now() - began;
  times.sort((a, b) => a - b);
  return { orders: times.length, perSecond: (times.length / elapsed) * 1000, p50: times[times.length >> 1] ?? NaN };
}

/** Milliseconds that the last of many items may take. */
const LONGEST = 60_000;

/** Milliseconds until the last of many small items is there; null when it does not come. */
export async function streamTime(way: Way, effects: Effects, name: string): Promise<number | null> {
  const began = performance.now();
  if (way.stream) await way.stream();
  else {
    const items = Array.from({ length: ITEMS }, (_, seq) => newOrder(`${name}-stream`, seq, 0));
    const held = items.map((one) => effects.of(one.orderId, LONGEST));
    // A thousand at a time, as one who has many would.
    for (let from = 0; from < ITEMS; from += 1000)
      await Promise.all(items.slice(from, from + 1000).map((one) => way.pass(one)));
    if ((await Promise.all(held)).includes(false)) return null;
  }
  return performance.now() - began;
}

/** What the shop knows of one order. */
export interface Passed {
  readonly orderId: string;
  readonly sentAt: number;
  /** When the way told that all is well; null when it told that it is not. */
  readonly toldAt: number | null;
}

/** Orders a second while something breaks. */
export const RATE = 50;

/** Sends orders at a steady rate, and returns the answer to each. */
export async function passSteadily(way: Way, name: string, milliseconds: number): Promise<Passed[]> {
  const passed: Promise<Passed>[] = [];
  const began = performance.now();
  for (let seq = 0; (seq / RATE) * 1000 < milliseconds; seq += 1) {
    const early = began + (seq / RATE) * 1000 - performance.now();
    if (early > 0) await sleep(early);
    const order = newOrder(name, seq, 1024);
    const sentAt = now();
    const known = (toldAt: number | null) => ({ orderId: order.orderId, sentAt, toldAt });
    passed.push(
      way.pass(order).then(
        () => known(now()),
        () => known(null),
      ),
    );
  }
  return Promise.all(passed);
}
