/**
 * Adds `this.numbers`, which numbers orders. A node takes a block of numbers in a transaction of its own: were the year's row
 * changed in the transaction of each order, all orders of the shop would wait for each other's commit. What a node has left
 * when it dies is never used; numbers of orders may have gaps.
 */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { config } from "./order.config.ts";
import { numberOf } from "./number.model.ts";
import { claim, numberOldest, release } from "./number.repository.ts";
import type { OrderTables } from "./order.repository.ts";

/** Numbers that a node takes at once. */
const BLOCK = 20;
/** Orders of the release before that get their numbers in one transaction. */
const CHUNK = 200;

const written = (year: number, serial: number): string => numberOf(config.ORDER_NUMBER_PREFIX, year, serial);

export class Numbers {
  readonly #db: Database<OrderTables>;
  /** The numbers of this year from `next` to before `end` are this node's. */
  #block = { year: 0, next: 0, end: 0 };
  #claiming: Promise<void> | null = null;

  constructor(db: Database<OrderTables>) {
    this.#db = db;
  }

  /** A number that no order has or will get. */
  async next(): Promise<string> {
    const year = new Date(now()).getUTCFullYear();
    while (this.#block.year !== year || this.#block.next === this.#block.end)
      await (this.#claiming ??= this.#claim(year).finally(() => (this.#claiming = null)));
    return written(year, this.#block.next++);
  }

  /** Numbers some orders that have no number; false when there are no more. */
  async numberOldest(): Promise<boolean> {
    return (await this.#db.write((tx) => numberOldest(tx, CHUNK, written))) === CHUNK;
  }

  /** Gives back what is left, so that a restart leaves no gap where nobody else has taken numbers. */
  async stop(): Promise<void> {
    await this.#claiming?.catch(() => {});
    const { year, next, end } = this.#block;
    this.#block = { year: 0, next: 0, end: 0 };
    if (next < end) await release(this.#db, year, next, end);
  }

  async #claim(year: number): Promise<void> {
    const next = await this.#db.write((tx) => claim(tx, year, BLOCK));
    this.#block = { year, next, end: next + BLOCK };
  }
}

type Host = Service & { readonly db: Database<OrderTables>; readonly numbers?: Numbers };

export const numbers = (): Mixin<{ readonly numbers: Numbers }> =>
  mixin<{ readonly numbers: Numbers }, Host>({
    started() {
      addName(this, "numbers", new Numbers(this.db));
    },
    async stopped() {
      await this.numbers?.stop();
    },
  });
