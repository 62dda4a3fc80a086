/** @databases sqlite postgres */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { isError } from "#core/errors.ts";
import { implement, type Mixin } from "#core/implement.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { insertNote, migrations, type Note, note } from "../../test/support/systems/notes-service.ts";
import { storage } from "../../test/support/systems/storage.ts";
import type { EntityAdapter } from "./adapter.ts";
import type { Database } from "./database.ts";
import { database } from "./database.mixin.ts";

interface Tables {
  notes: Note;
}

const anything = { auth: "public", summary: "", input: Type.Object({}), output: Type.Unknown() } as const;

/** A service without a contract's details, whose `this` is what its mixins make it. */
function serviceWith<Names extends object>(name: string, mixin: Mixin<Names>): ServiceSchema {
  const contract = defineContract(name, { summary: "", actions: { nothing: action(anything) } });
  return implement(contract, { mixins: [mixin], actions: { nothing: () => null } });
}

describe("database", () => {
  it("opens and migrates the service's database before the service answers", async () => {
    const broker = await startBroker([serviceWith("note", database<Tables>({ migrations }))]);
    const { db } = localService<{ db: Database<Tables> }>(broker, "note");
    const stored = note("1");
    await db.write((tx) => tx.run(insertNote, stored));
    expect(await db.query.selectFrom("notes").selectAll().execute()).toEqual([stored]);
    expect(existsSync(join(process.env.DATA_DIR!, "note.db"))).toBe(storage() === "sqlite");
    await broker.stop();
  });

  it("closes the database when the service stops, and finds it again", async () => {
    const schema = serviceWith("reopened", database<Tables>({ migrations }));
    const first = await startBroker([schema]);
    const { db } = localService<{ db: Database<Tables> }>(first, "reopened");
    await db.write((tx) => tx.run(insertNote, note("1")));
    await first.stop();
    await expect(db.query.selectFrom("notes").selectAll().execute()).rejects.toThrow(
      storage() === "sqlite" ? "not open" : "cannot store data now",
    );
    const second = await startBroker([schema]);
    const reopened = localService<{ db: Database<Tables> }>(second, "reopened").db;
    expect(await reopened.query.selectFrom("notes").select("id").execute()).toEqual([{ id: "1" }]);
    await second.stop();
  });

  it("adds nothing of moleculer-db unless an entity is named", async () => {
    const broker = await startBroker([serviceWith("plain", database<Tables>({ migrations }))]);
    const service = localService(broker, "plain");
    expect(service).not.toHaveProperty("adapter");
    expect(service).not.toHaveProperty("_find");
    expect(service.settings).toEqual({});
    await broker.stop();
  });

  it("refuses to start when the entity's table does not exist", async () => {
    const mixin = database<{ ghosts: Note }>({ migrations, entity: "ghosts" });
    await expect(startBroker([serviceWith("haunted", mixin)])).rejects.toThrow(
      "The table ghosts of v1.haunted does not exist.",
    );
  });
});

describe("database with an entity", () => {
  let broker: ServiceBroker;
  let adapter: EntityAdapter<Note>;

  beforeAll(async () => {
    broker = await startBroker([serviceWith("entities", database<Tables, "notes">({ migrations, entity: "notes" }))]);
    adapter = localService<{ adapter: EntityAdapter<Note> }>(broker, "entities").adapter;
  });
  afterAll(() => broker.stop());

  beforeEach(async () => {
    await adapter.clear();
    await adapter.insertMany([
      { id: "a", owner: "ann", text: "milk", stars: 1 },
      { id: "b", owner: "ann", text: null, stars: 3 },
      { id: "c", owner: "bob", text: "eggs", stars: 2 },
      { id: "d", owner: "ann", text: "salt", stars: 3 },
    ]);
  });

  const ids = (rows: readonly Note[]) => rows.map(({ id }) => id);

  it("publishes none of moleculer-db's actions", () => {
    const published = broker.registry.getActionList({ onlyLocal: true }).map(({ name }) => name);
    expect(published.filter((name) => name.startsWith("v1.entities"))).toEqual(["v1.entities.nothing"]);
  });

  it("finds by equality and null, sorted, a page at a time", async () => {
    expect(ids(await adapter.find({ query: { owner: "ann" }, sort: ["-stars", "id"] }))).toEqual(["b", "d", "a"]);
    expect(ids(await adapter.find({ query: { text: null } }))).toEqual(["b"]);
    expect(ids(await adapter.find({ sort: ["id"], limit: 2, offset: 1 }))).toEqual(["b", "c"]);
    expect(ids(await adapter.find({ sort: ["-id"], offset: 3 }))).toEqual(["a"]);
    expect(await adapter.count()).toBe(4);
    expect(await adapter.count({ query: { owner: "ann", stars: 3 } })).toBe(2);
  });

  it("finds by id", async () => {
    expect(await adapter.findOne({ owner: "bob" })).toEqual({ id: "c", owner: "bob", text: "eggs", stars: 2 });
    expect(await adapter.findById("a")).toMatchObject({ text: "milk" });
    expect(await adapter.findById("z")).toBeUndefined();
    expect(ids(await adapter.findByIds(["a", "z", "c"])).toSorted()).toEqual(["a", "c"]);
  });

  it("stores rows as the table completes them, all or none", async () => {
    const stored = await adapter.insert({ owner: "eve" });
    expect(stored).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), owner: "eve", text: null, stars: 0 });
    await expect(
      adapter.insertMany([
        { id: "e", owner: "eve" },
        { id: "a", owner: "eve" },
      ]),
    ).rejects.toThrow(/unique/i);
    expect(await adapter.count({ query: { owner: "eve" } })).toBe(1);
  });

  it("changes and removes rows, and answers which", async () => {
    expect(await adapter.updateById("a", { $set: { text: null } })).toEqual({
      id: "a",
      owner: "ann",
      text: null,
      stars: 1,
    });
    expect(await adapter.updateById("z", { $set: { stars: 5 } })).toBeUndefined();
    expect(await adapter.updateById("a", { $set: {} })).toMatchObject({ id: "a" });
    expect(await adapter.updateMany({ owner: "ann" }, { $set: { stars: 9 } })).toBe(3);
    expect(await adapter.count({ query: { stars: 9 } })).toBe(3);
    expect(await adapter.removeById("c")).toMatchObject({ text: "eggs" });
    expect(await adapter.removeById("c")).toBeUndefined();
    expect(await adapter.removeMany({ owner: "ann" })).toBe(3);
    expect(await adapter.find()).toEqual([]);
  });

  it.each([
    ["an unknown column", () => adapter.find({ query: { 'id" = "id" or "id': 1 } as never })],
    ["an operator", () => adapter.find({ query: { stars: { $gt: 1 } } as never })],
    ["an unknown sort key", () => adapter.find({ sort: ["-stars desc; drop table notes"] })],
    ["a search", () => adapter.find({ search: "milk" } as never)],
    ["an unknown value", () => adapter.insert({ owner: "eve", admin: 1 } as never)],
    ["an unknown change", () => adapter.updateById("a", { $set: { "stars = 1, owner": 1 } as never })],
    ["an unknown condition of removal", () => adapter.removeMany({ rowid: 1 } as never)],
  ])("refuses %s", async (_, attempt) => {
    const error: unknown = await attempt().catch((thrown: unknown) => thrown);
    expect(isError(error, "VALIDATION_FAILED")).toBe(true);
    expect(await adapter.count()).toBe(4);
  });

  it("gives handlers moleculer-db's methods", async () => {
    const service = localService<{ _list(ctx: null, params: object): Promise<unknown> }>(broker, "entities");
    expect(
      await service._list(null, { query: { owner: "ann" }, sort: ["id"], limit: 2, pageSize: 2, page: 1 }),
    ).toEqual({
      rows: [
        { id: "a", owner: "ann", text: "milk", stars: 1 },
        { id: "b", owner: "ann", text: null, stars: 3 },
      ],
      total: 3,
      page: 1,
      pageSize: 2,
      totalPages: 2,
    });
  });
});
