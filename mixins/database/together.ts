/** Parts of one transaction that do not need each other's answers. */

export type Parts = readonly Promise<unknown>[];
export type Answers<P extends Parts> = { [Part in keyof P]: Awaited<P[Part]> };

/**
 * Awaits parts that were sent together, which saves a turn of question and answer for each. Fails as the first of them that
 * fails: the failures of those after it may only follow from that.
 *
 * @example
 * const [held, lines] = await together(tx.run(commitHeld, order), tx.all(listItems, order));
 */
export async function together<P extends Parts>(...parts: P): Promise<Answers<P>> {
  const outcomes = await Promise.allSettled(parts);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as never;
}
