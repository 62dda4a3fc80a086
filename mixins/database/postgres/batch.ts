/**
 * Sends several statements to PostgreSQL in one packet and reads their answers together. By itself pg ends each
 * statement with a Sync, which the server answers with a packet of its own, and pg has the columns of every answer
 * described anew. On both sides that costs more than many a statement
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
 */
import pg, { type Connection, type CustomTypesConfig, type FieldDef, type Submittable } from "pg";

export interface Command {
  readonly text: string;
  /** The name of the prepared statement in a session. Without a name, the statement is prepared each time. */
  readonly name?: string;
  readonly values?: readonly unknown[];
}

export interface Answer {
  /** The server's command tag: `COMMIT`, `UPDATE 1`. */
  readonly tag: string;
  readonly rows: readonly unknown[];
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

interface Asked {
  readonly command: Command;
  readonly values: string[];
  readonly answer: PromiseWithResolvers<Answer>;
  readonly rows: unknown[];
  /** Empty when the statement returns no rows. */
  columns: readonly Column[];
  tag: string;
}

type Prepared = Map<string, readonly Column[]>;

/** The prepared statements of each session. */
const sessions = new WeakMap<Connection, Prepared>();

// pg's own conversion of arrays and times.
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => string } }).utils;

/** The parts of pg that its types do not declare. */
interface Protocol {
  readonly stream: Connection["stream"];
  close(message: { type: "S"; name: string }): void;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly string[] }): void;
  describe(message: { type: "P" }): void;
  execute(message: object): void;
  sync(): void;
}

/** A list of statements. `ask` adds one until the batch is given to a client's `query`, which calls its methods. */
export class Batch implements Submittable {
  /** The client sets it, in order to be called at the end. */
  callback: ((error: Error | null) => void) | undefined;
  readonly #types: CustomTypesConfig;
  readonly #asked: Asked[] = [];
  #prepared: Prepared = new Map();
  /** The number of statements that have been answered. */
  #answered = 0;

  constructor(types: CustomTypesConfig) {
    this.#types = types;
  }

  /** Rejects with the first failure of the batch so far, because the server skips every statement after it. */
  ask(command: Command): Promise<Answer> {
    const values = command.values?.map(prepareValue) ?? [];
    const answer = Promise.withResolvers<Answer>();
    this.#asked.push({ command, values, answer, rows: [], columns: [], tag: "" });
    return answer.promise;
  }

  submit(connection: Connection): void {
    this.#prepared = preparedBy(connection);
    const protocol = connection as unknown as Protocol;
    protocol.stream.cork();
    for (const asked of this.#asked) this.#send(protocol, asked);
    protocol.sync();
    protocol.stream.uncork();
  }

  #send(protocol: Protocol, asked: Asked): void {
    const { text, name = "" } = asked.command;
    const known = this.#prepared.get(name);
    if (known) asked.columns = known;
    else {
      // A statement of this name may have been prepared before the failure, so it is closed first.
      if (name) protocol.close({ type: "S", name });
      protocol.parse({ name, text });
    }
    protocol.bind({ statement: name, values: asked.values });
    if (!known) protocol.describe({ type: "P" });
    protocol.execute({});
  }

  handleRowDescription({ fields }: { fields: readonly FieldDef[] }): void {
    this.#asked[this.#answered]!.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#types.getTypeParser(dataTypeID, "text"),
    }));
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const { columns, rows } = this.#asked[this.#answered]!;
    const row: Record<string, unknown> = {};
    for (let index = 0; index < fields.length; index += 1) {
      const { name, parse } = columns[index]!;
      const text = fields[index]!;
      row[name] = text === null ? null : parse(text);
    }
    rows.push(row);
  }

  handleCommandComplete({ text }: { text: string }): void {
    const asked = this.#asked[this.#answered]!;
    asked.tag = text;
    if (asked.command.name) this.#prepared.set(asked.command.name, asked.columns);
    this.#answered += 1;
  }

  handleReadyForQuery(): void {
    this.#end();
  }

  handleError(error: Error, connection: Connection): void {
    // Answers that arrive after pg has given up must not be taken for those of another statement, so the connection is
    // closed.
    if (!(error instanceof pg.DatabaseError)) connection.stream.destroy();
    for (const { answer } of this.#asked.slice(this.#answered)) answer.reject(error);
    this.#end(error);
  }

  #end(error: Error | null = null): void {
    for (const { answer, tag, rows } of this.#asked.slice(0, this.#answered)) answer.resolve({ tag, rows });
    this.callback?.(error);
  }
}

function preparedBy(connection: Connection): Prepared {
  let prepared = sessions.get(connection);
  if (!prepared) sessions.set(connection, (prepared = new Map()));
  return prepared;
}

/** The number of changed rows. */
export const countOf = ({ tag }: Answer): number => Number(tag.slice(tag.lastIndexOf(" ") + 1)) || 0;
