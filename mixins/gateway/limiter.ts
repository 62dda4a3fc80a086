/** A rate limit for each client (the generic cell rate algorithm, ITU-T I.371): one number per client. */
/** Milliseconds in which `limit` requests are allowed. */
export const WINDOW = 60_000;
/** The most keys of one generation. When more come, the oldest are forgotten early. */
const CAPACITY = 50_000;

export interface Grant {
  readonly allowed: boolean;
  /** Requests that are allowed now. */
  readonly remaining: number;
  /** Seconds until the full limit is available again; for a refused request, until one request is allowed. */
  readonly seconds: number;
}

/**
 * @param debt milliseconds until the full limit would be available again, if the request is granted
 * @param interval milliseconds that one request costs
 */
export const grantOf = (debt: number, interval: number): Grant =>
  debt > WINDOW
    ? { allowed: false, remaining: 0, seconds: Math.ceil((debt - WINDOW) / 1000) }
    : { allowed: true, remaining: Math.floor((WINDOW - debt) / interval), seconds: Math.ceil(debt / 1000) };

export class Limiter {
  readonly limit: number;
  readonly #interval: number;
  #since = 0;
  // A key without a request for a whole window has no debt left, so a whole generation can be dropped without a check.
  #recent = new Map<string, number>();
  #older = new Map<string, number>();

  /** @param limit requests a minute */
  constructor(limit: number) {
    this.limit = limit;
    this.#interval = WINDOW / limit;
  }

  /** @param at milliseconds since the epoch */
  take(key: string, at: number): Grant {
    if (at - this.#since >= WINDOW || this.#recent.size >= CAPACITY) this.#age(at);
    const due = Math.max(this.#recent.get(key) ?? this.#older.get(key) ?? 0, at) + this.#interval;
    const grant = grantOf(due - at, this.#interval);
    if (grant.allowed) this.#recent.set(key, due);
    return grant;
  }

  #age(at: number): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#since = at;
  }
}
