/** Lets single statements share a transaction, because a transaction costs the server more than such a statement. */
import { isError } from "#core/errors.ts";
import type { Executor } from "../database.ts";
import type { Query } from "../statement.ts";

/** The most statements in one transaction. Each locks its rows until all of them are stored. */
const MOST = 50;

interface Single {
  readonly write: Query;
  readonly resolve: (changed: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Answers how many rows each write has changed. */
type Store = (writes: readonly Query[]) => Promise<readonly number[]>;

/** Writes that arrive while a packet is under way are the next one: BEGIN, the statements and COMMIT. */
export class GroupCommit {
  readonly #storeAll: Store;
  #waiting: Single[] = [];
  #isBusy = false;

  constructor(store: Store) {
    this.#storeAll = store;
  }

  run: Executor<unknown>["run"] = (statement, parameters) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ write: statement.with(parameters), resolve, reject });
    if (!this.#isBusy) void this.#drain();
    return promise;
  };

  async #drain(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) await this.#store(this.#waiting.splice(0, MOST));
    this.#isBusy = false;
  }

  /** One statement that the server refuses rolls the others back. Then each is run in a transaction of its own. */
  async #store(batch: readonly Single[]): Promise<void> {
    try {
      const changed = await this.#storeAll(batch.map(({ write }) => write));
      for (const [index, { resolve }] of batch.entries()) resolve(changed[index]!);
    } catch (error) {
      if (batch.length > 1 && !isError(error, "STORAGE_UNAVAILABLE"))
        await Promise.all(batch.map((single) => this.#store([single])));
      else for (const { reject } of batch) reject(error);
    }
  }
}
