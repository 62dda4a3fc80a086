/** Writes of one statement each, which share transactions: a transaction costs the server more than such a statement. */
import { isError } from "#core/errors.ts";
import type { Executor, Transaction } from "./database.ts";
import type { Statement } from "./statement.ts";

/** Statements in one transaction: each keeps its rows from others until all of them are stored. */
const MOST = 50;

interface Single {
  readonly statement: Statement<never, unknown>;
  readonly parameters: never;
  readonly resolve: (changed: number) => void;
  readonly reject: (error: unknown) => void;
}

type Write<DB> = <R>(work: (tx: Transaction<DB>) => Promise<R>) => Promise<R>;

/** What comes while others are on their way goes together; each packet is BEGIN, the statements and COMMIT. */
export class GroupCommit<DB> {
  readonly #write: Write<DB>;
  #waiting: Single[] = [];
  #isBusy = false;

  constructor(write: Write<DB>) {
    this.#write = write;
  }

  run: Executor<unknown>["run"] = (statement, parameters) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ statement, parameters: parameters as never, resolve, reject });
    if (!this.#isBusy) void this.#drain();
    return promise;
  };

  async #drain(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0) await this.#store(this.#waiting.splice(0, MOST));
    this.#isBusy = false;
  }

  /** A statement that the server refuses undoes the others: then each has a transaction of its own. */
  async #store(batch: readonly Single[]): Promise<void> {
    try {
      const changed = await this.#write((tx) =>
        tx.conclude(...batch.map(({ statement, parameters }) => tx.run(statement, parameters))),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(changed[index]!);
    } catch (error) {
      if (batch.length > 1 && !isError(error, "STORAGE_UNAVAILABLE"))
        await Promise.all(batch.map((single) => this.#store([single])));
      else for (const { reject } of batch) reject(error);
    }
  }
}
