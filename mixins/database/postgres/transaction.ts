/** One transaction on one connection to PostgreSQL. */
import type { Kysely } from "kysely";
import type { PoolClient } from "pg";
import { type Answer, Batch, type Command, countOf } from "./batch.ts";
import type { Executor, Transaction } from "../database.ts";
import { kyselyOver } from "./dialect.ts";
import { isConflict, isStalePlan, isUnchanged, translate, UNCHANGED } from "./faults.ts";
import { types } from "./pool.ts";
import type { Query, Statement } from "../statement.ts";
import type { Write } from "../write.ts";

const BEGIN: Command = { name: "begin", text: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" };
const COMMIT: Command = { name: "commit", text: "COMMIT" };
const LOCK: Command = { name: "lock", text: "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))" };
const ROLLBACK: Command = { name: "rollback", text: "ROLLBACK" };

/** A command that was sent, and its error when it changes too few rows. */
interface Sent {
  readonly command: Command;
  readonly refusal?: () => Error;
}

/** Statements that one caller waits for. */
interface Asked {
  readonly sent: readonly Sent[];
  readonly answers: PromiseWithResolvers<readonly Answer[]>;
}

/** A transaction. It returns its connection to the pool at the end of `commit` or `rollback`. */
export class PostgresTransaction<DB> implements Transaction<DB> {
  readonly tasks: (() => void)[] = [];
  readonly #client: PoolClient;
  #query: Kysely<DB> | undefined;
  #isOpen = true;
  #hasBegun = false;
  /** Writes to send with the next question or with the commit. */
  #added: Sent[] = [];
  /** Statements that wait until the packet under way is answered. They are the next packet. */
  #waiting: Asked[] = [];
  #isAsking = false;
  /** The first error. It rolls the whole transaction back, even when `work` catches it. */
  #failure: unknown;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  get query(): Kysely<DB> {
    return (this.#query ??= kyselyOver<DB>((text, values) => this.#answer({ text, values })));
  }

  all: Executor<DB>["all"] = async <P extends object, R>(statement: Statement<P, R>, parameters: P) =>
    (await this.#answer(commandOf(statement.with(parameters)))).rows as R[];
  one: Executor<DB>["one"] = async (statement, parameters) => (await this.all(statement, parameters))[0];
  run: Executor<DB>["run"] = async (statement, parameters) =>
    countOf(await this.#answer(commandOf(statement.with(parameters))));
  ask: Transaction<DB>["ask"] = async (...queries) => {
    const answers = await this.#ask(queries.map(commandOf));
    return answers.map((answer) => ({ rows: answer.rows, changed: countOf(answer) })) as never;
  };

  add(...writes: readonly Write[]): void {
    this.#requireOpen();
    for (const { required, afterCommit, ...query } of writes) {
      if (afterCommit) this.tasks.push(afterCommit);
      this.#added.push(
        required
          ? { command: changing(commandOf(query), required.rows), refusal: required.refusal }
          : { command: commandOf(query) },
      );
    }
  }

  /** Takes an advisory lock. Two names may map to the same lock, which only makes one wait for the other. */
  lock(name: string): void {
    this.#requireOpen();
    this.#added.push({ command: { ...LOCK, values: [name] } });
  }

  afterCommit(task: () => void): void {
    this.#requireOpen();
    this.tasks.push(task);
  }

  /** True when the server rolled it back in favour of another transaction, so that a second run may succeed. */
  get isConflict(): boolean {
    return isConflict(this.#failure);
  }

  /** True when a table was changed after this connection had prepared its statements. */
  get isStale(): boolean {
    return isStalePlan(this.#failure);
  }

  /**
   * Sends the remaining writes and the commit.
   * @returns the answers to what was sent with the commit
   * @throws the error that rolled the transaction back; STORAGE_UNAVAILABLE also when it is unknown whether the commit
   * succeeded
   */
  async commit(): Promise<readonly Answer[]> {
    this.#isOpen = false;
    // This includes errors from before sending, such as a value that cannot be serialised.
    if (this.#failure) throw translate(this.#failure);
    const isEmpty = !this.#hasBegun && this.#added.length === 0;
    const answers = isEmpty ? [] : await this.#send([{ command: COMMIT }]);
    // After a failed statement the server answers COMMIT with ROLLBACK, which is no error by itself.
    if (!isEmpty && answers.at(-1)?.tag !== "COMMIT") throw translate(this.#failure);
    this.#client.release();
    return answers.slice(0, -1);
  }

  async rollback(): Promise<void> {
    this.#isOpen = false;
    this.#added = [];
    try {
      if (this.#hasBegun) await this.#send([{ command: ROLLBACK }]);
      this.#client.release();
    } catch {
      this.#client.release(true);
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new Error("This transaction has ended.");
  }

  async #answer(command: Command): Promise<Answer> {
    return (await this.#ask([command]))[0]!;
  }

  async #ask(commands: readonly Command[]): Promise<readonly Answer[]> {
    this.#requireOpen();
    if (this.#failure) throw translate(this.#failure);
    const answers = await this.#send(commands.map((command) => ({ command })));
    return answers.slice(answers.length - commands.length);
  }

  /** Sends the added writes and then these statements, and answers all of them. */
  #send(last: readonly Sent[]): Promise<readonly Answer[]> {
    const answers = Promise.withResolvers<readonly Answer[]>();
    this.#waiting.push({ sent: [...this.#added, ...last], answers });
    this.#added = [];
    if (!this.#isAsking) void this.#drain();
    return answers.promise;
  }

  async #drain(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) await this.#exchange(this.#waiting.splice(0));
    this.#isAsking = false;
  }

  /** Sends one packet and reads its answer. */
  async #exchange(asked: readonly Asked[]): Promise<void> {
    const sent = asked.flatMap((one) => one.sent);
    let outcomes: readonly PromiseSettledResult<Answer>[] = [];
    try {
      const batch = new Batch(types);
      if (!this.#hasBegun) batch.ask(BEGIN).catch(() => {});
      const answers = sent.map(({ command }) => batch.ask(command));
      this.#client.query(batch);
      this.#hasBegun = true;
      outcomes = await Promise.allSettled(answers);
      const failed = outcomes.findIndex(({ status }) => status === "rejected");
      // Statements after the first failure fail only as its consequence.
      if (failed >= 0) this.#failure ??= failureOf(sent[failed]!, (outcomes[failed] as PromiseRejectedResult).reason);
    } catch (error) {
      this.#failure ??= error;
    }
    let end = 0;
    for (const { sent: own, answers } of asked) {
      const ends = outcomes.slice(end, (end += own.length));
      const values = ends.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      if (values.length === own.length) answers.resolve(values);
      else answers.reject(translate(this.#failure));
    }
  }
}

const failureOf = ({ refusal }: Sent, error: unknown): unknown => (refusal && isUnchanged(error) ? refusal() : error);

function commandOf({ statement, parameters }: Query): Command {
  const { sql, name, bind } = statement.compiled("postgres");
  return { text: sql, name, values: bind(parameters) };
}

/** Makes the statement fail when it changes fewer rows, so that the server skips what follows, COMMIT included. */
const changing = ({ text, name, values = [] }: Command, rows: number): Command => ({
  text:
    `with changed as (${text} returning 1) ` +
    `select cast(case when count(*) < $${values.length + 1} then '${UNCHANGED}' else '1' end as integer) from changed`,
  name: `required ${name}`,
  values: [...values, rows],
});
