/** @databases sqlite postgres */
import type { ServiceBroker } from "moleculer";
import { defineContract } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { implement } from "#core/implement.ts";
import { database } from "#mixins/database/database.mixin.ts";
import type { Database } from "#mixins/database/database.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { type Numbering, numbering } from "./numbering.mixin.ts";

interface Tables {
  numbers: { series: string; number: number; previous: number | null; subject: string };
}
type Host = { readonly db: Database<Tables>; readonly numbering: Numbering };

let broker: ServiceBroker;
let host: Host;

beforeAll(async () => {
  const office = implement(defineContract("office", { summary: "Numbers of specs", actions: {} }), {
    mixins: [database<Tables>(), numbering()],
    actions: {},
  });
  broker = await startBroker([office]);
  host = localService<Host>(broker, "office");
});
afterAll(() => broker.stop());

const next = (series: string, subject = newId()) => host.db.write((tx) => host.numbering.next(tx, series, subject));

describe("numbering", () => {
  it("counts each series from 1 without a gap, though many ask at once and some transactions are rolled back", async () => {
    const asked = Array.from({ length: 30 }, (_, index) =>
      index % 3 === 0
        ? host.db
            .write(async (tx) => {
              await host.numbering.next(tx, "2027", newId());
              throw new Error("rolled back");
            })
            .catch(() => null)
        : next("2027"),
    );
    const numbers = (await Promise.all(asked)).filter((number) => number !== null);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await next("2028")).toBe(1);
  });

  it("gives a document the same number again", async () => {
    const id = newId();
    expect([await next("again", id), await next("again", id), await next("again")]).toEqual([1, 1, 2]);
  });

  it("is kept by the database itself: no gap, and nothing removed from the middle", async () => {
    for (let count = 0; count < 3; count += 1) await next("kept");
    const insert = (row: Tables["numbers"]) =>
      host.db.write(({ query }) => query.insertInto("numbers").values(row).execute());
    const gap = { series: "kept", number: 5, previous: 4, subject: newId() };
    await expect(insert(gap)).rejects.toThrow();
    const loose = { series: "kept", number: 5, previous: null, subject: newId() };
    await expect(insert(loose)).rejects.toThrow(/numbers_without_gaps/);
    const middle = host.db.write(({ query: q }) =>
      q.deleteFrom("numbers").where("series", "=", "kept").where("number", "=", 2).execute(),
    );
    await expect(middle).rejects.toThrow();
  });
});
