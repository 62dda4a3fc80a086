/** @databases postgres: it is what is tested */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { Proxy } from "../../../test/support/faults/proxy.ts";
import { emptyDatabase } from "../../../test/support/systems/storage.ts";
import { Batch, countOf, type Command } from "./batch.ts";
import { types } from "./pool.ts";

const insert = (n: unknown): Command => ({ name: "insert", text: "insert into numbers values ($1)", values: [n] });
const read: Command = { name: "read", text: "select n, n * 2 as twice from numbers order by n" };

describe("Batch", () => {
  let url: string;
  let client: pg.Client;

  const connect = async (options: pg.ClientConfig = {}) => {
    client = new pg.Client({ connectionString: url, ...options });
    client.on("error", () => {});
    await client.connect();
  };
  beforeEach(async () => {
    url = await emptyDatabase();
    await connect();
    await client.query("create table numbers (n integer primary key)");
  });
  afterEach(() => client.end());

  const send = (...queries: readonly Command[]) => {
    const batch = new Batch(types);
    const answers = Promise.allSettled(queries.map((query) => batch.ask(query)));
    client.query(batch);
    return answers;
  };
  const outcomes = async (...queries: readonly Command[]) =>
    (await send(...queries)).map((one) => (one.status === "fulfilled" ? countOf(one.value) : one.reason.code));

  it("answers each statement, the same way when the server has prepared it", async () => {
    for (const first of [1, 3]) {
      const answers = await send(insert(first), insert(first + 1), read, {
        text: "select 'x' as text, null as nothing",
      });
      const rows = Array.from({ length: first + 1 }, (_, index) => ({ n: index + 1, twice: 2 * (index + 1) }));
      expect(answers).toEqual(
        [
          { tag: "INSERT 0 1", rows: [] },
          { tag: "INSERT 0 1", rows: [] },
          { tag: `SELECT ${rows.length}`, rows },
          { tag: "SELECT 1", rows: [{ text: "x", nothing: null }] },
        ].map((value) => ({ status: "fulfilled", value })),
      );
    }
  });

  it("is one transaction unless it begins one, and passes over what comes after a failure", async () => {
    expect(await outcomes(insert(1), insert(1), insert(2), read)).toEqual([1, "23505", "23505", "23505"]);
    expect(await outcomes(read)).toEqual([0]);
  });

  it("prepares a statement anew that failed when it was first asked, or was passed over", async () => {
    expect(await outcomes(insert("no number"), read)).toEqual(["22P02", "22P02"]);
    expect(await outcomes(insert(1), read)).toEqual([1, 1]);
    expect(await outcomes(insert(1))).toEqual(["23505"]);
    expect(await outcomes(insert(2), read)).toEqual([1, 2]);
  });

  it("asks for the columns of a prepared statement once, and for one answer to all of it", async () => {
    const messages: string[] = [];
    await send(insert(1), read);
    for (const event of ["rowDescription", "parseComplete", "readyForQuery", "commandComplete"])
      (client as unknown as { connection: pg.Connection }).connection.on(event, () => messages.push(event));
    await send(insert(2), insert(3), read);
    await pause(5);
    expect(messages).toEqual(["commandComplete", "commandComplete", "commandComplete", "readyForQuery"]);
  });

  it("refuses what cannot be sent before anything is", () => {
    const circular = { toPostgres: () => circular };
    expect(() => new Batch(types).ask(insert(circular))).toThrow("circular");
  });

  it("gives up its connection with a server that is silent, so that a late answer meets nobody", async () => {
    const proxy = await Proxy.before(Number(new URL(url).port));
    await client.end();
    await connect({ connectionString: proxy.urlOf(url), query_timeout: 100 });
    proxy.delay(150);
    const [answer] = await send(insert(1));
    expect(answer).toMatchObject({ reason: { message: "Query read timeout" } });
    const [next] = await send(read);
    expect(next).toMatchObject({ status: "rejected" });
    await proxy.close();
  });
});
