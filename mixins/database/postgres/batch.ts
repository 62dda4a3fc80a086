/**
 * Statements that go to PostgreSQL together and are answered together. By itself pg ends each with a Sync, which the
 * server answers with a packet of its own, and has the columns of every answer described anew: on both sides that costs
 * more than many a statement (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
 */
import pg, { type Connection, type CustomTypesConfig, type FieldDef, type Submittable } from "pg";

export interface Command {
  readonly text: string;
  /** What a session knows the statement by once it has prepared it; without one it is prepared each time. */
  readonly name?: string;
  readonly values?: readonly unknown[];
}

export interface Answer {
  /** The server's word for what it did: `COMMIT`, `UPDATE 1`. */
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
  /** Empty when there are no rows to come. */
  columns: readonly Column[];
  tag: string;
}

type Prepared = Map<string, readonly Column[]>;

/** What each session has prepared. */
const sessions = new WeakMap<Connection, Prepared>();

// Arrays and times as pg writes them.
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => string } }).utils;

/** What pg offers and its types keep back. */
interface Protocol {
  readonly stream: Connection["stream"];
  close(message: { type: "S"; name: string }): void;
  parse(message: { name: string; text: string }): void;
  bind(message: { statement: string; values: readonly string[] }): void;
  describe(message: { type: "P" }): void;
  execute(message: object): void;
  sync(): void;
}

/** Asked until it is given to a client's `query`, which then calls its methods. */
export class Batch implements Submittable {
  /** Set by the client, to hear of the end. */
  callback: ((error: Error | null) => void) | undefined;
  readonly #types: CustomTypesConfig;
  readonly #asked: Asked[] = [];
  #prepared: Prepared = new Map();
  /** How many have been answered. */
  #answered = 0;

  constructor(types: CustomTypesConfig) {
    this.#types = types;
  }

  /** Rejects with the first failure of the batch up to here: the server passes over what comes after that. */
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
      // Prepared for a statement that then failed, it would be in the way.
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
    // What the server says after pg has given it up must not answer somebody else.
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

/** Rows that were changed. */
export const countOf = ({ tag }: Answer): number => Number(tag.slice(tag.lastIndexOf(" ") + 1)) || 0;
