/** A shop whose changes are recorded: `shop.change` is for staff, `shop.order` for customers and staff, `shop.look` reads. */
import { type Kysely, sql as raw } from "kysely";
import type { ServiceBroker } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { implement } from "#core/implement.ts";
import { Strict } from "#core/schema.ts";
import { audit as block } from "#mixins/audit/audit.contract.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import type { AuditTables } from "#mixins/audit/tables.ts";
import { database } from "#mixins/database/database.mixin.ts";
import type { Database, Transaction } from "#mixins/database/database.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required } from "#mixins/database/write.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { startBroker } from "./broker.ts";
import { localService } from "./local-service.ts";

interface Thing {
  id: string;
  name: string;
  label: string;
  secret_hash: string;
  state: string;
  stock: number;
}
interface Tables extends AuditTables {
  things: Thing;
  /** Each refers to a thing. */
  parts: { id: string; thing_id: string };
}
const sql = statements<Tables>();
const insert = sql((q, p: Thing) =>
  q
    .insertInto("things")
    .values(columns(p, "id", "name", "label", "secret_hash", "state", "stock"))
    .onConflict((one) => one.column("id").doUpdateSet(columns(p, "state", "stock"))),
);
const move = sql((q, p: { id: string; state: string }) =>
  q.updateTable("things").set({ state: p.state }).where("id", "=", p.id).returning(["id"]),
);
const thing = (id: string, stock = 1): Thing => ({
  id,
  name: "Kim Ann",
  label: "Green Tea, 200 g",
  secret_hash: "abc",
  state: "new",
  stock,
});

type Tx = Transaction<Tables>;
/** The ways in which services change rows. */
const ways: Readonly<Record<string, (tx: Tx, id: string) => Promise<unknown>>> = {
  async add(tx, id) {
    tx.add(insert.with(thing(id)));
  },
  async upsert(tx, id) {
    tx.add(insert.with(thing(id, 5)));
  },
  run: (tx, id) => tx.run(move, { id, state: "moved" }),
  one: (tx, id) => tx.one(move, { id, state: "asked" }),
  ask: (tx, id) => tx.ask(move.with({ id, state: "again" })),
  query: (tx, id) =>
    tx.query
      .updateTable("things")
      .set((e) => ({ stock: e("stock", "+", 2) }))
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  async none(tx) {
    tx.add(required(move.with({ id: newId(), state: "lost" }), () => shop.error("NOT_FOUND")));
  },
  async fail(tx, id) {
    tx.add(move.with({ id, state: "failed" }));
    throw shop.error("NOT_FOUND");
  },
  nothing: async (tx) => tx.query.selectFrom("things").selectAll().execute(),
  raw: (tx, id) => raw`update things set stock = 9 where id = ${id}`.execute(tx.query),
  /** The row is referred to before it is changed. */
  async part(tx, id) {
    await tx.query.insertInto("parts").values({ id: newId(), thing_id: id }).execute();
    await ways["query"]!(tx, id);
  },
  remove: (tx, id) => tx.query.deleteFrom("things").where("id", "=", id).execute(),
};

const input = Strict({ id: Type.String(), way: Type.String() });
const shop = defineContract("shop", {
  summary: "A shop of specs",
  blocks: [block],
  actions: {
    change: action({ summary: "Staff", auth: "staff", rest: "PUT /shop/:id/:way", input, output: Type.Unknown() }),
    order: action({
      summary: "Customers and staff",
      auth: "customer",
      seenByStaff: true,
      rest: "POST /shop/:id/:way",
      input,
      output: Type.Unknown(),
    }),
    look: action({ summary: "A reading", auth: "staff", rest: "GET /shop/:id/:way", input, output: Type.Unknown() }),
  },
});

export class AuditedShop {
  readonly broker: ServiceBroker;
  readonly db: Database<Tables>;
  /** The member of staff who calls, unless a token says otherwise. */
  readonly staff = newId();

  private constructor(broker: ServiceBroker) {
    this.broker = broker;
    ({ db: this.db } = localService<{ db: Database<Tables> }>(broker, "shop"));
  }

  static async open(): Promise<AuditedShop> {
    const createThings = async (kysely: Kysely<never>) => {
      await raw`create table things (id text primary key, name text, label text, secret_hash text, state text, stock integer)`.execute(
        kysely,
      );
      await raw`create table parts (id text primary key, thing_id text references things (id))`.execute(kysely);
    };
    const tables = { block: { name: "things", migrations: { "0001_things": { up: createThings } } } };
    const dbOf = (service: object) => (service as { db: Database<Tables> }).db;
    const broker = await startBroker([
      implement(shop, {
        mixins: [database<Tables>({ shown: ["things.label"] }), idempotency(), audit(), tables],
        actions: {
          change({ params: { id, way } }) {
            return dbOf(this)
              .write((tx) => ways[way]!(tx, id))
              .then(() => null);
          },
          order(ctx) {
            return this.idempotency.once(ctx, async (tx) => {
              await ways[ctx.params.way]!(tx, ctx.params.id);
              return null;
            });
          },
          look({ params: { id } }) {
            return dbOf(this)
              .run(move, { id, state: "seen" })
              .then(() => null);
          },
        },
      }),
    ]);
    return new AuditedShop(broker);
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  tokenOf(role: string, id = this.staff): Promise<string> {
    return signAccessToken({ id, roles: [role], session: newId() });
  }

  async call(name: string, id: string, way: string, token?: string): Promise<unknown> {
    const accessToken = token ?? (await this.tokenOf("staff"));
    return this.broker.call(`v1.shop.${name}`, { id, way }, { meta: { accessToken } });
  }

  rows() {
    return this.db.query.selectFrom("audit_log").selectAll().orderBy("seq").execute();
  }

  async entriesOf(id: string) {
    return (await this.rows())
      .filter(({ object }) => object.includes(id))
      .map(({ changes, ...row }) => ({ ...row, changes: JSON.parse(changes) as never[] }));
  }

  /** Writes past the service, as somebody with the database's password could. */
  write(text: string): Promise<void> {
    return this.db.write(async ({ query }) => void (await raw.raw(text).execute(query)));
  }
}
