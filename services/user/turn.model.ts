/**
 * Turns at work that is slow on purpose, such as hashing passwords: few at once, one of each line at a time, and the
 * lines in turn. So whoever sends many requests waits for his own, and not everybody else for him.
 */
import { sharedError } from "#core/errors.ts";

interface Limits {
  readonly atOnce: number;
  /** How many may wait, in all lines together. */
  readonly waiting: number;
}

export interface Turn {
  /** Whose turn it is: one account, one session, or one network. */
  readonly line: string;
  /** People whom we know come before all others. */
  readonly isKnown: boolean;
  /** Milliseconds after which the caller wants an answer, done or not; unless told, whenever it is done. */
  readonly patience?: number;
}

interface Waiter {
  begin(): void;
  refuse(): void;
}

type Lines = Map<string, Waiter[]>;

/** Seconds after which somebody who was refused may come again. */
const COME_AGAIN = 2;

export class Turns {
  readonly #limits: Limits;
  /** Lines that have somebody at work. */
  readonly #busy = new Set<string>();
  /** Both in the order of their turns. */
  readonly #known: Lines = new Map();
  readonly #others: Lines = new Map();
  #waiting = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Work that is under way when the patience ends goes on to its end, for nobody: a busy machine must be told from one
   * that does not answer, for which a circuit breaker opens.
   * @throws RATE_LIMITED when too many wait, or when it is not done in time
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

  /** @throws RATE_LIMITED when too many wait */
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

  /** Refuses the last one of the longest line, if that is longer than this; false when there is none. */
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
        // At the end again: the others come before it.
        lines.delete(line);
        if (waiters.length > 0) lines.set(line, waiters);
        this.#busy.add(line);
        next.begin();
      }
    }
  }
}

const refused = () => sharedError("RATE_LIMITED", { retryAfter: COME_AGAIN });
