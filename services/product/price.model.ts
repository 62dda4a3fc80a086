/** Prices over time, without storage. */

/** Milliseconds since the epoch; the last has no end. */
export interface Period {
  readonly starts_at: number;
  readonly ends_at: number | null;
  readonly amount: number;
}

/** A first price is valid from the beginning of time, because the clocks of nodes differ. */
export const BEGINNING = 0;

const isValid = ({ starts_at, ends_at }: Period, at: number): boolean =>
  starts_at <= at && (ends_at === null || ends_at > at);

/**
 * The lowest of several prices, from `now` on; the first period begins at the beginning of time.
 * @param periods of several products, each without gaps
 */
export function lowest(periods: readonly Period[], now: number): Period[] {
  const times = periods.flatMap(({ starts_at, ends_at }) => [starts_at, ends_at ?? 0]).filter((time) => time > now);
  const starts = [now, ...new Set(times)].toSorted((a, b) => a - b);
  const amounts = starts.flatMap((start) => {
    const valid = periods.filter((one) => isValid(one, start)).map(({ amount }) => amount);
    return valid.length === 0 ? [] : [{ start, amount: Math.min(...valid) }];
  });
  const changes = amounts.filter(({ amount }, index) => amount !== amounts[index - 1]?.amount);
  return changes.map(({ start, amount }, index) => ({
    starts_at: index === 0 ? BEGINNING : start,
    ends_at: changes[index + 1]?.start ?? null,
    amount,
  }));
}
