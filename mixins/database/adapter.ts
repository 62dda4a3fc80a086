/** An adapter of moleculer-db: its methods work on one table, with our transactions and dialects. */
import type { Service, ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";
import type { Database } from "./database.ts";

type Values = Readonly<Record<string, unknown>>;
type Host = Service & { readonly db: Database<Record<string, Record<string, unknown>>> };

/** Columns that must have these values; null matches null. */
type Query<Row> = { readonly [Column in keyof Row]?: Row[Column] | null };

interface Filters<Row> {
  readonly query?: Query<Row>;
  /** Column names in order of weight. `-created_at` sorts in descending order. */
  readonly sort?: readonly string[];
  readonly limit?: number;
  readonly offset?: number;
}

interface Update<Row> {
  readonly $set: Partial<Row>;
}

/** All methods throw VALIDATION_FAILED for a name that is no column, and for conditions other than equality. */
export class EntityAdapter<Row extends object> {
  readonly #table: string;
  #service!: Host;
  #columns: ReadonlySet<string> = new Set();

  constructor(table: string) {
    this.#table = table;
  }

  init(_broker: ServiceBroker, service: Service): void {
    this.#service = service as Host;
  }

  /** @throws Error when no migration created the table */
  async connect(): Promise<void> {
    const tables = await this.#db.query.introspection.getTables();
    const table = tables.find(({ name }) => name === this.#table);
    if (!table) throw new Error(`The table ${this.#table} of ${this.#service.fullName} does not exist.`);
    this.#columns = new Set(table.columns.map(({ name }) => name));
  }

  /** The mixin that opened the database closes it. */
  async disconnect(): Promise<void> {}

  async find({ query, sort = [], limit, offset, ...others }: Filters<Row> = {}): Promise<Row[]> {
    if ("search" in others) throw invalid("search", "is not supported");
    let rows = this.#matching(query);
    for (const key of sort) {
      const descending = key.startsWith("-");
      rows = rows.orderBy(this.#column(descending ? key.slice(1) : key), descending ? "desc" : "asc");
    }
    // SQLite has no offset without a limit.
    if (limit !== undefined || offset !== undefined) rows = rows.limit(limit ?? Number.MAX_SAFE_INTEGER);
    if (offset !== undefined) rows = rows.offset(offset);
    return (await rows.execute()) as Row[];
  }

  async findOne(query: Query<Row>): Promise<Row | undefined> {
    return (await this.find({ query, limit: 1 }))[0];
  }

  findById(id: unknown): Promise<Row | undefined> {
    return this.findOne(this.#byId(id));
  }

  async findByIds(ids: readonly unknown[]): Promise<Row[]> {
    return (await this.#matching().where("id", "in", ids).execute()) as Row[];
  }

  async count({ query }: Filters<Row> = {}): Promise<number> {
    const counted = this.#matching(query)
      .clearSelect()
      .select(({ fn }) => fn.countAll().as("rows"));
    return Number((await counted.executeTakeFirstOrThrow())["rows"]);
  }

  /** Makes an id when there is none, and answers the row as it is stored. */
  async insert(entity: Partial<Row>): Promise<Row> {
    return (await this.insertMany([entity]))[0]!;
  }

  /** Inserts all of them or none. */
  insertMany(entities: readonly Partial<Row>[]): Promise<Row[]> {
    const rows = entities.map((entity) => this.#checked({ id: newId(), ...entity }));
    return this.#db.write(async ({ query }) => {
      const stored: unknown[] = [];
      for (const row of rows) {
        stored.push(await query.insertInto(this.#table).values(row).returningAll().executeTakeFirstOrThrow());
      }
      return stored as Row[];
    });
  }

  /** Answers the number of changed rows. */
  async updateMany(query: Query<Row>, update: Update<Row>): Promise<number> {
    return (await this.#update(query, update)).length;
  }

  async updateById(id: unknown, update: Update<Row>): Promise<Row | undefined> {
    return (await this.#update(this.#byId(id), update))[0];
  }

  /** Answers the number of removed rows. */
  async removeMany(query: Query<Row>): Promise<number> {
    return (await this.#remove(query)).length;
  }

  /** Answers the removed row. */
  async removeById(id: unknown): Promise<Row | undefined> {
    return (await this.#remove(this.#byId(id)))[0];
  }

  async clear(): Promise<void> {
    await this.#remove({});
  }

  entityToObject(row: Row): Row {
    return { ...row };
  }

  /** Gives rows the name of the id column that the service uses. */
  beforeSaveTransformID(entity: object): object {
    return entity;
  }

  afterRetrieveTransformID(entity: object): object {
    return entity;
  }

  get #db(): Host["db"] {
    return this.#service.db;
  }

  #byId(id: unknown): Query<Row> {
    return { id } as unknown as Query<Row>;
  }

  #matching(query: Query<Row> = {}) {
    return this.#where(this.#db.query.selectFrom(this.#table).selectAll(), query);
  }

  async #update(query: Query<Row>, { $set }: Update<Row>): Promise<Row[]> {
    const values = this.#checked($set);
    if (Object.keys(values).length === 0) return this.find({ query });
    return this.#db.write(async (tx) => {
      const changed = this.#where(tx.query.updateTable(this.#table).set(values), query);
      return (await changed.returningAll().execute()) as Row[];
    });
  }

  #remove(query: Query<Row>): Promise<Row[]> {
    return this.#db.write(async (tx) => {
      const removed = this.#where(tx.query.deleteFrom(this.#table), query);
      return (await removed.returningAll().execute()) as Row[];
    });
  }

  #where<Builder extends { where(column: string, operator: "=" | "is", value: unknown): Builder }>(
    builder: Builder,
    query: Query<Row>,
  ): Builder {
    return Object.entries(query).reduce((narrowed, [name, value]) => {
      if (typeof value === "object" && value !== null) throw invalid(name, "can only be compared with one value");
      return narrowed.where(this.#column(name), value === null ? "is" : "=", value);
    }, builder);
  }

  #checked(values: Values): Values {
    for (const name of Object.keys(values)) this.#column(name);
    return values;
  }

  #column(name: string): string {
    if (!this.#columns.has(name)) throw invalid(name, `is not a column of ${this.#table}`);
    return name;
  }
}

const invalid = (name: string, detail: string) =>
  sharedError("VALIDATION_FAILED", { errors: [{ pointer: `/${name}`, detail }] });
