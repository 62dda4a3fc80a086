/**
 * What `npm run audit:verify` sees in a log that was altered.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { AuditedShop } from "../../test/support/systems/audited-shop.ts";
import { hashOf } from "./chain.ts";
import { verify } from "./verify.ts";

let shop: AuditedShop;
beforeAll(async () => {
  shop = await AuditedShop.open();
});
afterAll(() => shop.close());

describe("with a database that lets rows be altered", () => {
  const triggers = ["audit_log_no_update", "audit_log_no_delete", "audit_heads_no_update"];
  beforeAll(async () => {
    for (let count = 0; count < 6; count += 1) await shop.call("change", newId(), "add");
    for (const name of triggers) {
      const table = name.startsWith("audit_log") ? "audit_log" : "audit_heads";
      await shop.write(`drop trigger ${name}${shop.db.dialect === "postgres" ? ` on ${table}` : ""}`);
    }
  });

  /** Alters the log, looks, and puts it back as it was. */
  async function seen(alter: (last: number) => readonly string[]) {
    const [log, head] = [
      await shop.rows(),
      await shop.db.query.selectFrom("audit_heads").selectAll().executeTakeFirstOrThrow(),
    ];
    const last = log.at(-1)!.seq;
    for (const text of alter(last)) await shop.write(text);
    const { faults } = await verify(shop.db, "shop");
    await shop.db.write(async ({ query }) => {
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
    const log = await shop.rows();
    const row = log.at(-3)!;
    const forged = { ...row, actor: "user:x" };
    const anew = `update audit_log set actor = 'user:x', hash = '${hashOf("shop", forged)}' where seq = ${row.seq}`;
    expect(await seen(() => [anew])).toEqual(["2 altered"]);
    const end = log.at(-1)!;
    const last = `update audit_log set actor = 'user:x', hash = '${hashOf("shop", { ...end, actor: "user:x" })}' where seq = ${end.seq}`;
    expect(await seen(() => [last])).toEqual(["0 altered"]);
  });
});
