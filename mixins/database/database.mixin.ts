/**
 * Storage of one service. It adds `this.db`, which is open and migrated before the service answers; the tables of the
 * service's other mixins come first. With `entity` it also adds `this.adapter` and moleculer-db's methods over that table,
 * but none of its actions, because the contract says what is served.
 *
 * @example
 * mixins: [database<OrderTables>({ migrations: new URL("./migrations/", import.meta.url) })]
 * // then, in a handler:
 * await this.db.write(async (tx) => tx.add(...orders.insert(order)));
 *
 * @example
 * mixins: [database<UserTables, "addresses">({ migrations, entity: "addresses" })]
 * // then, in a handler:
 * await this.adapter.find({ query: { user_id: userId(ctx) }, sort: ["-created_at"], limit: 20 });
 */
import type { Selectable } from "kysely";
import type { Service, ServiceSchema } from "moleculer";
import moleculerDb, { type MoleculerDbMethods } from "moleculer-db";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { EntityAdapter } from "./adapter.ts";
import { type RecordOptions, recordChanges } from "../audit/record.ts";
import { migrations } from "../audit/tables.ts";
import type { Database } from "./database.ts";
import { type Migrations, migrationsIn } from "./migrate.ts";
import { openDatabase } from "./open.ts";
import { whileStarting } from "./starting.ts";
import { sharedMemory } from "../redis/cache.ts";

interface Options extends RecordOptions {
  /** The folder of `0001_….ts` files. A service without tables of its own has none. */
  readonly migrations?: URL;
  /** The service caches its readings. On PostgreSQL, each of its commits then tells the other nodes through Redis. */
  readonly remembered?: boolean;
}

interface EntityOptions<Table> extends Options {
  /** The table that moleculer-db's methods work on. The column of its ids is `id`. */
  readonly entity: Table;
}

interface WithDatabase<DB> {
  readonly db: Database<DB>;
}

interface WithAdapter<DB, Table extends keyof DB> extends WithDatabase<DB>, MoleculerDbMethods {
  readonly adapter: EntityAdapter<Selectable<DB[Table]>>;
}

export function database<DB>(options?: Options): Mixin<WithDatabase<DB>>;
export function database<DB, Table extends keyof DB & string = keyof DB & string>(
  options: EntityOptions<Table>,
): Mixin<WithAdapter<DB, Table>>;
export function database<DB>(options: Options | EntityOptions<string> = {}): Mixin<WithDatabase<DB>> {
  const storage = mixin<WithDatabase<DB>, Service & Partial<WithDatabase<DB> & MoleculerDbMethods>>(
    {
      async started() {
        const cache = options.remembered ? sharedMemory(this.broker, this.name) : null;
        const warn = (line: string) => this.logger.warn(line);
        const db = await openDatabase<DB>({ service: this.name, broker: this.broker, cache, warn });
        recordChanges(db as unknown as Database<never>, this.name, options);
        addName(this, "db", db);
        const blocks = (this.schema as { migrations?: Migrations }).migrations;
        const all = { ...blocks, ...(options.migrations && (await migrationsIn(options.migrations))) };
        const newer = await whileStarting(() => db.migrate(all));
        if (newer.length > 0)
          warn(
            `A newer release has changed the database (${newer.join(", ")}): run it again, or stay back one release only.`,
          );
        await whileStarting(async () => this.connect?.());
      },
      async stopped() {
        await this.db?.close();
      },
    },
    { name: "database", migrations },
  );
  return "entity" in options ? { ...entityMethods(options), ...storage } : storage;
}

/** moleculer-db without its actions and its endless attempts to connect. */
function entityMethods({ entity }: EntityOptions<string>): Partial<ServiceSchema> {
  const { settings, methods, created } = moleculerDb as unknown as ServiceSchema;
  return {
    settings: { ...settings, idField: "id" },
    methods,
    created: [
      function (this: Service) {
        // Set here and not in the schema from the beginning, because Moleculer copies schemas, and an adapter is no
        // plain object.
        Object.assign(this.schema, { adapter: new EntityAdapter(entity) });
      },
      created as () => void,
    ],
  } as Partial<ServiceSchema>;
}
