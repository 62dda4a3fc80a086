/** How often one client may ask: the generic cell rate algorithm (ITU-T I.371), one number per client. */
/** Milliseconds in which `limit` requests are allowed. */
export const WINDOW = 60_000;
/** Keys kept in one generation; when more come, the oldest are forgotten early. */
const CAPACITY = 50_000;

export interface Grant {
  readonly allowed: boolean;
  /** Requests that would be allowed now. */
  readonly remaining: number;
  /** Seconds until the whole quota is there again; if refused, until one request is allowed. */
  readonly seconds: number;
}

/**
 * @param debt milliseconds until the whole quota would be there again, were the request granted
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
  // A key that is untouched for a window owes nothing, so whole generations may go without a look.
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
