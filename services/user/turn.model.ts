/**
 * Limits work that is slow on purpose, such as hashing passwords: only a few tasks run at once, at most one of each
 * queue, and the queues take turns. So a client that sends many requests delays its own requests, not those of others.
 */
import { sharedError } from "#core/errors.ts";

interface Limits {
  readonly atOnce: number;
  /** The most tasks that may wait, in all queues together. */
  readonly waiting: number;
}

export interface Turn {
  /** The queue of a task: one account, one session, or one network. */
  readonly line: string;
  /** Tasks of known people come before all others. */
  readonly isKnown: boolean;
  /** Milliseconds after which the caller must have an answer; by default it waits until the task is done. */
  readonly patience?: number;
}

interface Waiter {
  begin(): void;
  refuse(): void;
}

type Lines = Map<string, Waiter[]>;

/** Seconds after which a refused client may try again. */
const COME_AGAIN = 2;

export class Turns {
  readonly #limits: Limits;
  /** The queues of which a task is running. */
  readonly #busy = new Set<string>();
  /** Both lists are in the order of their turns. */
  readonly #known: Lines = new Map();
  readonly #others: Lines = new Map();
  #waiting = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * A task that is running when the patience ends is completed, but its caller gets RATE_LIMITED. A busy node must
   * differ from one that does not answer, for which the circuit breaker would open.
   * @throws RATE_LIMITED when too many tasks wait, or when the task is not done in time
   */
  async take<T>({ line, isKnown, patience = Infinity }: Turn, work: () => Promise<T>): Promise<T> {
    const lines = isKnown ? this.#known : this.#others;
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const waiter: Waiter = { begin, refuse: () => reject(refused()) };
    const giveUp = () => {
      this.#leave(lines, line, waiter);
      waiter.refuse();
    };
    const isAtOnce = this.#isFree && !this.#busy.has(line);
    if (isAtOnce) this.#busy.add(line);
    else this.#enter(lines, line, waiter);
    const timer = patience === Infinity ? undefined : setTimeout(giveUp, patience);
    try {
      if (!isAtOnce) await Promise.race([begun, late]);
      return await Promise.race([this.#do(line, work), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #do<T>(line: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      this.#busy.delete(line);
      this.#next();
    }
  }

  get #isFree(): boolean {
    return this.#busy.size < this.#limits.atOnce;
  }

  /** @throws RATE_LIMITED when too many tasks wait */
  #enter(lines: Lines, line: string, waiter: Waiter): void {
    const isFull = this.#waiting >= this.#limits.waiting;
    if (isFull && !this.#makeRoom(lines === this.#known ? 0 : (lines.get(line)?.length ?? 0) + 1)) throw refused();
    const own = lines.get(line);
    if (own) own.push(waiter);
    else lines.set(line, [waiter]);
    this.#waiting += 1;
  }

  #leave(lines: Lines, line: string, waiter: Waiter): void {
    const own = lines.get(line) ?? [];
    const rest = own.filter((one) => one !== waiter);
    this.#waiting -= own.length - rest.length;
    if (rest.length > 0) lines.set(line, rest);
    else lines.delete(line);
  }

  /** Refuses the last task of the longest queue, if that queue is longer than this one; answers false when none is. */
  #makeRoom(length: number): boolean {
    let longest: [string, Waiter[]] | undefined;
    for (const one of this.#others) if (one[1].length > (longest?.[1].length ?? length)) longest = one;
    const last = longest?.[1].at(-1);
    if (!longest || !last) return false;
    this.#leave(this.#others, longest[0], last);
    last.refuse();
    return true;
  }

  #next(): void {
    for (const lines of [this.#known, this.#others]) {
      const inOrder = [...lines];
      for (const [line, waiters] of inOrder) {
        if (!this.#isFree) return;
        if (this.#busy.has(line)) continue;
        const next = waiters.shift()!;
        this.#waiting -= 1;
        // The queue goes to the end, because the others come first now.
        lines.delete(line);
        if (waiters.length > 0) lines.set(line, waiters);
        this.#busy.add(line);
        next.begin();
      }
    }
  }
}

const refused = () => sharedError("RATE_LIMITED", { retryAfter: COME_AGAIN });
