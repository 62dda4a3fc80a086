/**
 * From which edge a film is taken: rendezvous hashing, so that each edge caches few films and the loss of one moves only
 * its own, weighted by what an edge can carry, and bounded, so that a film that everybody watches does not fill one edge
 * (Thaler and Ravishankar 1998; Mirrokni, Thorup and Zadimoghaddam 2018).
 */
import { createHash } from "node:crypto";

export interface Target {
  readonly id: string;
  readonly weight: number;
  /** Sessions that it has now. */
  readonly load: number;
}

/** How much more than its share an edge may have. */
const BOUND = 1.25;

/** From 0 to 1, without both ends; the same on every node. */
function share(key: string, id: string): number {
  const bits = createHash("sha256").update(`${key}\n${id}`).digest().readUInt32BE();
  return (bits + 0.5) / 2 ** 32;
}

/** The edges for this key, best first, whatever their load. */
export const ranked = <T extends Target>(key: string, targets: readonly T[]): T[] =>
  targets
    .map((target) => ({ target, score: -target.weight / Math.log(share(key, target.id)) }))
    .toSorted((a, b) => b.score - a.score || (a.target.id < b.target.id ? -1 : 1))
    .map(({ target }) => target);

/** The most sessions that an edge may have when one more comes. */
export function capacityOf({ weight }: Target, targets: readonly Target[]): number {
  const sum = (of: (one: Target) => number) => targets.reduce((total, one) => total + of(one), 0);
  return Math.ceil(((sum(({ load }) => load) + 1) * weight * BOUND) / sum((one) => one.weight));
}

/** The edges for one more session of this key, best first: those that are full come last. */
export function routed<T extends Target>(key: string, targets: readonly T[]): T[] {
  const order = ranked(key, targets);
  const hasRoom = (one: T) => one.load < capacityOf(one, targets);
  return [...order.filter(hasRoom), ...order.filter((one) => !hasRoom(one))];
}
