/**
 * How an order's money is captured part by part as its goods are sent. All that was authorized is captured, given up, or not captured
 * yet: the three always add up to it.
 */
import type { Line } from "./fulfilment.model.ts";
import { type Price, type Priced, type RefundReason, sentBetween } from "./refund.model.ts";

/** What has become of an order's authorized money so far, in minor units. */
export interface Taken {
  /** Authorized, and neither captured nor given up. */
  readonly uncaptured: number;
  /** Captured, without what is paid back. */
  readonly kept: number;
  /** True when the rest of the payment was released already, so that no part can follow. */
  readonly isFinal: boolean;
}

/** True when nothing is left that could still be sent. */
export const isComplete = (lines: readonly Line[]): boolean =>
  lines.every(({ quantity, shipped, cancelled }) => shipped + cancelled === quantity);

/** Of what is captured, in minor units. */
export interface Part {
  readonly amount: number;
  /** True for the last part. */
  readonly isFinal: boolean;
}

/**
 * What is captured for the units that are sent between two states of an order's lines, in minor units. The last parcel captures all
 * that is left, so the parts add up.
 */
export function partBetween(
  before: readonly (Line & Priced)[],
  after: readonly Line[],
  price: Price,
  { uncaptured }: Pick<Taken, "uncaptured">,
): Part {
  if (isComplete(after)) return { amount: uncaptured, isFinal: true };
  return { amount: Math.min(uncaptured, sentBetween(before, after, price)), isFinal: false };
}

/**
 * How much of what is given back needs no refund, because it was never captured. Units that are cancelled were not sent, so their money
 * was not captured either; units that are lost or come back were, so their money is paid back as far as it was.
 */
export function uncapturedOf(reason: RefundReason, amount: number, { uncaptured, kept }: Taken): number {
  const wanted = reason === "items_cancelled" ? amount : Math.max(0, amount - kept);
  return Math.min(uncaptured, wanted);
}
