/**
 * What staff, administrators and keys change is written down, with the change, in a chain.
 * @databases sqlite postgres
 */
import { type Kysely, sql as raw } from "kysely";
import type { ServiceBroker } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { implement } from "#core/implement.ts";
import { Strict } from "#core/schema.ts";
import { database } from "#mixins/database/database.mixin.ts";
import type { Database, Transaction } from "#mixins/database/database.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required } from "#mixins/database/write.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { signAccessToken, signKeyToken } from "#mixins/node/tokens.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { audit as block } from "./audit.contract.ts";
import { audit } from "./audit.mixin.ts";
import type { AuditTables } from "./tables.ts";
import { verify } from "./verify.ts";

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

let broker: ServiceBroker;
let db: Database<Tables>;
beforeAll(async () => {
  const createThings = async (kysely: Kysely<never>) => {
    await raw`create table things (id text primary key, name text, label text, secret_hash text, state text, stock integer)`.execute(
      kysely,
    );
  };
  const tables = { block: { name: "things", migrations: { "0001_things": { up: createThings } } } };
  broker = await startBroker([
    implement(shop, {
      mixins: [database<Tables>({ shown: ["things.label"] }), idempotency(), audit(), tables],
      actions: {
        change: ({ params: { id, way } }) => db.write((tx) => ways[way]!(tx, id)).then(() => null),
        order(ctx) {
          return this.idempotency.once(ctx, async (tx) => {
            await ways[ctx.params.way]!(tx, ctx.params.id);
            return null;
          });
        },
        look: ({ params: { id } }) => db.run(move, { id, state: "seen" }).then(() => null),
      },
    }),
  ]);
  ({ db } = localService<{ db: Database<Tables> }>(broker, "shop"));
});
afterAll(() => broker.stop());

const staff = newId();
const tokenOf = (role: string, id = staff) => signAccessToken({ id, roles: [role], session: newId() });
const call = async (name: string, id: string, way: string, accessToken?: string): Promise<unknown> =>
  broker.call(`v1.shop.${name}`, { id, way }, { meta: { accessToken: accessToken ?? (await tokenOf("staff")) } });
const rows = () => db.query.selectFrom("audit_log").selectAll().orderBy("seq").execute();
const entriesOf = async (id: string) =>
  (await rows())
    .filter(({ object }) => object.includes(id))
    .map(({ changes, ...row }) => ({ ...row, changes: JSON.parse(changes) as never[] }));

it("tells who changed what, before and after, without secrets and what is personal", async () => {
  const id = newId();
  for (const way of ["add", "run", "one", "ask", "upsert", "query", "raw", "remove"]) await call("change", id, way);
  const entries = await entriesOf(id);
  expect(entries.map(({ changes }) => changes)).toMatchObject([
    [{ table: "things", kind: "insert", rows: 1, before: [], after: [{ id, state: "new", stock: 1 }] }],
    [{ kind: "update", before: [{ state: "new" }], after: [{ state: "moved" }] }],
    [{ kind: "update", before: [{ state: "moved" }], after: [{ state: "asked" }] }],
    [{ kind: "update", before: [{ state: "asked" }], after: [{ state: "again" }] }],
    [{ kind: "insert", before: [{ state: "again", stock: 1 }], after: [{ state: "new", stock: 5 }] }],
    [{ kind: "update", before: [{ stock: 5 }], after: [{ stock: 7 }] }],
    [{ table: "several", rows: 1, before: [], after: [] }],
    [{ kind: "delete", rows: 1, before: [{ stock: 9 }], after: [] }],
  ]);
  expect(entries[0]).toMatchObject({
    actor: `user:${staff}`,
    action: "shop.change",
    object: `/shop/${id}/add`,
    request_id: expect.stringMatching(/^[0-9a-f-]{32,36}$/),
    changes: [{ after: [{ name: "(7 characters)", label: "Green Tea, 200 g", secret_hash: "(secret)" }] }],
  });
});

it("writes what a key does as the key's, and what customers do not at all", async () => {
  const [id, key] = [newId(), newId()];
  await call("order", id, "add", await tokenOf("customer"));
  expect(await entriesOf(id)).toEqual([]);
  const accessToken = await signKeyToken(key, ["shop.*"], Date.now() + 60_000);
  await broker.call(
    "v1.shop.order",
    { id, way: "run" },
    { meta: { accessToken }, headers: { "idempotency-key": newId() } },
  );
  expect(await entriesOf(id)).toMatchObject([
    { actor: `key:${key}`, action: "shop.order", changes: [{ table: "things", after: [{ state: "moved" }] }] },
  ]);
});

it("writes nothing for a reading, for what changed nothing, and for what was rolled back", async () => {
  const id = newId();
  await call("change", id, "add");
  await call("look", id, "look");
  await call("change", id, "nothing");
  await expect(call("change", id, "none")).rejects.toMatchObject({ type: "NOT_FOUND" });
  await expect(call("change", id, "fail")).rejects.toMatchObject({ type: "NOT_FOUND" });
  expect(await entriesOf(id)).toHaveLength(1);
  await expect(db.query.selectFrom("things").select("state").where("id", "=", id).execute()).resolves.toEqual([
    { state: "seen" },
  ]);
});

it("is one chain, though many add to it at once", async () => {
  const ids = Array.from({ length: 30 }, newId);
  await Promise.all(ids.map((id) => call("change", id, "add")));
  const { rows: count, faults } = await verify(db, "shop");
  expect(faults).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(30);
});

it("is read by administrators, newest first, by pages and filters", async () => {
  const id = newId();
  for (const way of ["add", "run", "one"]) await call("change", id, way);
  const accessToken = await tokenOf("admin");
  const list = (params: object) =>
    broker.call<{ items: { seq: number; object: string }[]; nextCursor: string | null }, object>(
      "v1.shop.listAuditLog",
      params,
      { meta: { accessToken } },
    );
  const first = await list({ actor: `user:${staff}`, limit: 2 });
  const second = await list({ actor: `user:${staff}`, limit: 2, cursor: first.nextCursor });
  const [newest] = first.items;
  expect([...first.items, ...second.items].map(({ seq }) => newest!.seq - seq)).toEqual([0, 1, 2, 3]);
  const object = `/shop/${id}/run`;
  await expect(list({ object })).resolves.toMatchObject({ items: [{ object }], nextCursor: null });
  await expect(list({ action: "shop.other" })).resolves.toMatchObject({ items: [] });
});

const write = (text: string) => db.write(async ({ query }) => void (await raw.raw(text).execute(query)));

it("takes no other change than a row more", async () => {
  await call("change", newId(), "add");
  const refused = [
    "update audit_log set actor = 'user:x'",
    "delete from audit_log",
    "update audit_heads set seq = 0",
    "update audit_heads set seq = seq + 2",
    "delete from audit_heads",
    ...(db.dialect === "postgres" ? ["truncate audit_log", "truncate audit_heads"] : []),
  ];
  for (const text of refused) await expect(write(text)).rejects.toThrow(/append-only/);
});

describe("with a database that lets rows be altered", () => {
  const triggers = ["audit_log_no_update", "audit_log_no_delete", "audit_heads_no_update"];
  beforeAll(async () => {
    for (let count = 0; count < 6; count += 1) await call("change", newId(), "add");
    for (const name of triggers) {
      const table = name.startsWith("audit_log") ? "audit_log" : "audit_heads";
      await write(`drop trigger ${name}${db.dialect === "postgres" ? ` on ${table}` : ""}`);
    }
  });

  /** Alters the log, looks, and puts it back as it was. */
  async function seen(alter: (last: number) => readonly string[]) {
    const [log, head] = [await rows(), await db.query.selectFrom("audit_heads").selectAll().executeTakeFirstOrThrow()];
    const last = log.at(-1)!.seq;
    for (const text of alter(last)) await write(text);
    const { faults } = await verify(db, "shop");
    await db.write(async ({ query }) => {
      await query.deleteFrom("audit_log").execute();
      for (const row of log) await query.insertInto("audit_log").values(row).execute();
      await query.updateTable("audit_heads").set(head).execute();
    });
    return faults.map(({ seq, fault }) => `${last - seq} ${fault}`);
  }

  it.each([
    ["at", "'2020-01-01T00:00:00.000Z'"],
    ["actor", "'user:x'"],
    ["action", "'shop.other'"],
    ["object", "'/other'"],
    ["request_id", "'x'"],
    ["changes", "'[]'"],
    ["previous", "'x'"],
    ["hash", "'x'"],
  ])("sees that %s of a row was altered, and names the row", async (column, value) => {
    const faults = await seen((last) => [`update audit_log set ${column} = ${value} where seq = ${last - 3}`]);
    expect(faults).toContain("3 altered");
    expect(faults.filter((fault) => !fault.startsWith("3 "))).toEqual([]);
  });

  it("sees rows that are missing in the middle, at the beginning and at the end", async () => {
    expect(await seen((last) => [`delete from audit_log where seq = ${last - 3}`])).toEqual(["3 missing"]);
    expect(await seen((last) => [`delete from audit_log where seq > ${last - 2}`])).toEqual(["1 missing", "0 missing"]);
    expect((await seen(() => ["delete from audit_log where seq = 1"]))[0]).toMatch(/missing$/);
  });

  it("sees rows that changed places, that were put in, and that were written anew", async () => {
    const swapped = await seen((last) => [
      `update audit_log set seq = 1000000 where seq = ${last - 3}`,
      `update audit_log set seq = ${last - 3} where seq = ${last - 2}`,
      `update audit_log set seq = ${last - 2} where seq = 1000000`,
    ]);
    expect(swapped).toEqual(["3 out of order", "2 out of order"]);
    const columnsOf = "at, actor, action, object, request_id, changes, previous, hash";
    const added = await seen((last) => [
      `insert into audit_log (seq, ${columnsOf}) select seq + 1, ${columnsOf} from audit_log where seq = ${last}`,
    ]);
    expect(added).toContain("-1 added");
    const { hashOf } = await import("./chain.ts");
    const log = await rows();
    const row = log.at(-3)!;
    const forged = { ...row, actor: "user:x" };
    const anew = `update audit_log set actor = 'user:x', hash = '${hashOf("shop", forged)}' where seq = ${row.seq}`;
    expect(await seen(() => [anew])).toEqual(["2 altered"]);
    const end = log.at(-1)!;
    const last = `update audit_log set actor = 'user:x', hash = '${hashOf("shop", { ...end, actor: "user:x" })}' where seq = ${end.seq}`;
    expect(await seen(() => [last])).toEqual(["0 altered"]);
  });
});
