/** Parts of one transaction that do not need each other's answers. */

/**
 * Awaits parts that were sent together, which saves a turn of question and answer for each. Fails as the first of them that
 * fails: the failures of those after it may only follow from that.
 *
 * @example
 * await together(tx.must(move, saga, () => new Fenced()), outbox.add(tx, …));
 */
export async function together<Parts extends readonly Promise<unknown>[]>(
  ...parts: Parts
): Promise<{ [Part in keyof Parts]: Awaited<Parts[Part]> }> {
  const outcomes = await Promise.allSettled(parts);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as never;
}
