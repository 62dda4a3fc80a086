/** @databases sqlite postgres */
import { openStorage } from "../../test/support/systems/storage.ts";
import { columns, statements } from "./statement.ts";

interface Tables {
  orders: { id: string; status: "pending" | "confirmed"; total: number };
}

const sql = statements<Tables>();

// The example of `statements`.
const find = sql((q, p: { id: string }) => q.selectFrom("orders").selectAll().where("id", "=", p.id));
const insert = sql((q, p: Tables["orders"]) => q.insertInto("orders").values(columns(p, "id", "status", "total")));
const confirm = sql((q, p: { id: string; least: number }) =>
  q
    .updateTable("orders")
    .set({ status: "confirmed" })
    .where("id", "=", p.id)
    .where("total", ">=", p.least)
    .where("status", "=", "pending"),
);

describe("statements", () => {
  it("compile for either dialect", () => {
    expect(find.compiled("sqlite").sql).toBe('select * from "orders" where "id" = ?');
    expect(find.compiled("postgres").sql).toBe('select * from "orders" where "id" = $1');
  });

  it("compile once", () => {
    const build = jest.fn((q: Parameters<Parameters<typeof sql>[0]>[0]) => q.selectFrom("orders").selectAll());
    const statement = sql(build);
    expect(statement.compiled("sqlite")).toBe(statement.compiled("sqlite"));
    expect(build).toHaveBeenCalledTimes(1);
    statement.compiled("postgres");
    expect(build).toHaveBeenCalledTimes(2);
  });

  it("bind parameters by name, whatever their order, and constants where they stand", () => {
    for (const dialect of ["sqlite", "postgres"] as const) {
      expect(confirm.compiled(dialect).bind({ least: 5, id: "o1" })).toEqual(["confirmed", "o1", 5, "pending"]);
    }
  });

  it("bind null for what is missing", () => {
    expect(find.compiled("sqlite").bind({})).toEqual([null]);
    expect(find.compiled("sqlite").bind({ id: undefined })).toEqual([null]);
  });

  it("are known by a name that is the same for the same SQL", () => {
    const again = sql((q, p: { key: string }) => q.selectFrom("orders").selectAll().where("id", "=", p.key));
    expect(again.compiled("postgres").name).toBe(find.compiled("postgres").name);
    expect(again.compiled("postgres").name).not.toBe(insert.compiled("postgres").name);
  });

  it("run on the database", async () => {
    const db = await openStorage<Tables>();
    await db.write(async (tx) => {
      await tx.query.schema
        .createTable("orders")
        .addColumn("id", "text")
        .addColumn("status", "text")
        .addColumn("total", "integer")
        .execute();
      await tx.run(insert, { id: "o1", status: "pending", total: 5 });
      expect(await tx.run(confirm, { id: "o1", least: 6 })).toBe(0);
      expect(await tx.run(confirm, { id: "o1", least: 5 })).toBe(1);
      expect(await tx.one(find, { id: "o1" })).toEqual({ id: "o1", status: "confirmed", total: 5 });
    });
    expect(await db.all(find, { id: "o1" })).toHaveLength(1);
    expect(await db.one(find, { id: "o' or 1 = 1 --" })).toBeUndefined();
    await db.close();
  });
});

describe("columns", () => {
  it("takes the parameters of these names and no others", () => {
    expect(columns({ id: "o1", status: "pending", secret: 1 }, "id", "status")).toEqual({
      id: "o1",
      status: "pending",
    });
  });
});
