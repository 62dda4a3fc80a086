/** @databases sqlite postgres */
import type { CallingOptions, ServiceBroker } from "moleculer";
import Type from "typebox";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict, Text } from "#core/schema.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import {
  allNotes,
  insertNote,
  migrations,
  note,
  noteContract,
  type NoteTables,
} from "../../test/support/systems/notes-service.ts";
import type { Database } from "../database/database.ts";
import { database } from "../database/database.mixin.ts";
import { requestHash } from "#core/request-hash.ts";
import { type Idempotency, idempotency } from "./idempotency.mixin.ts";
import { tokenOf } from "../../test/support/actors/people.ts";

type Host = { db: Database<NoteTables>; idempotency: Idempotency };

/** The example of the mixin. */
const once = implement(noteContract, {
  mixins: [database<NoteTables>({ migrations }), idempotency()],
  actions: {
    write(ctx) {
      const { id, text = null } = ctx.params;
      return this.idempotency.once(ctx, async (tx) => {
        if (isFull) throw noteContract.error("LIMIT_REACHED");
        const { length: count } = await tx.all(allNotes, {});
        tx.add(insertNote.with(note(`${id}-${newId()}`, { text })));
        if (text === "fail") throw noteContract.error("LIMIT_REACHED");
        return { id, count };
      });
    },
  },
});

/** Everything is refused before anything is asked of the database. */
let isFull = false;

class Taken extends Error {}

const keyed = { summary: "", auth: "public", idempotent: true, output: Type.Unknown() } as const;

/** What is made is found elsewhere by its key. */
const elsewhere = implement(
  defineContract("elsewhere", {
    summary: "",
    actions: {
      make: action({ ...keyed, input: Strict({ id: Text(50) }) }),
      ask: action({ ...keyed, input: Strict({ id: Text(50) }) }),
    },
  }),
  {
    mixins: [database<NoteTables>({ migrations }), idempotency()],
    actions: {
      async make(ctx) {
        await this.db.write(async (tx) =>
          tx.add(this.idempotency.mark(ctx, { hash: "", answer: 1 }, () => new Taken())),
        );
        return "made";
      },
      async ask(ctx) {
        return (await this.idempotency.replay(ctx)) ?? "never asked";
      },
    },
  },
);

describe("idempotency", () => {
  let broker: ServiceBroker;
  let key: string;
  let skew: number;

  beforeAll(async () => void (broker = await startBroker([once, elsewhere])));
  afterAll(() => broker.stop());
  beforeEach(() => {
    key = newId();
    skew = 0;
    const real = Date.now;
    jest.spyOn(Date, "now").mockImplementation(() => real() + skew);
  });
  afterEach(() => jest.restoreAllMocks());

  const write = (params: object, options: CallingOptions = withKey(key)) =>
    broker.call("note.write", params, options) as Promise<{ id: string; count: number }>;
  const host = (name = "note") => localService<Host>(broker, name);
  const notes = async (id: string) =>
    (await host().db.all(allNotes, {})).filter((one) => one.id.startsWith(`${id}-`)).length;
  const as = async (id: string) => ({
    ...withKey(key),
    meta: { accessToken: await tokenOf(id, "customer") },
  });

  it("answers the same request with the first answer, and tells that it is one", async () => {
    const first = await write({ id: key });
    await write({ id: "another" }, withKey(newId()));
    const meta: Record<string, unknown> = {};
    expect(await write({ id: key }, { ...withKey(key), meta })).toEqual(first);
    expect(meta["$replayed"]).toBe(true);
    expect(await notes(key)).toBe(1);
  });

  it("answers with the first answer what would be refused by now", async () => {
    const first = await write({ id: key });
    isFull = true;
    const again = await write({ id: key }).finally(() => (isFull = false));
    expect(again).toEqual(first);
  });

  it("takes effect again for another key", async () => {
    await write({ id: key });
    await write({ id: key }, withKey(newId()));
    expect(await notes(key)).toBe(2);
  });

  it("refuses another request with the same key", async () => {
    await write({ id: key, text: "a" });
    await expect(write({ id: key, text: "b" })).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED", code: 422 });
    await expect(write({ id: key })).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    expect(await notes(key)).toBe(1);
  });

  it("takes effect once when fifty ask at the same time", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => write({ id: key })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await notes(key)).toBe(1);
  });

  it("keeps the keys of callers apart", async () => {
    await write({ id: key }, await as("ann"));
    await write({ id: key }, await as("bob"));
    await write({ id: key }, await as("ann"));
    expect(await notes(key)).toBe(2);
  });

  it("does not store a failure: the next request with the key is tried", async () => {
    await expect(write({ id: key, text: "fail" })).rejects.toMatchObject({ type: "NOTE_LIMIT_REACHED" });
    await expect(write({ id: key, text: "fail" })).rejects.toMatchObject({ type: "NOTE_LIMIT_REACHED" });
    expect(await write({ id: key, text: "fine" })).toMatchObject({ id: key });
    expect(await notes(key)).toBe(1);
  });

  it("does not know the request when there is no key", async () => {
    await expect(write({ id: key }, {})).rejects.toThrow("without a key");
  });

  describe("of what is found by its key elsewhere", () => {
    const ask = (name: "make" | "ask", id = key) => broker.call(`elsewhere.${name}`, { id }, withKey(key));
    const keys = () => host("elsewhere");

    it("is marked with its answer, and taken when it has been marked before", async () => {
      expect(await ask("make")).toBe("made");
      await expect(ask("make")).rejects.toThrow(Taken);
    });

    it("is kept apart for each action", async () => {
      await ask("make");
      expect(await ask("ask")).toBe("never asked");
    });

    it("that was claimed without an answer is in progress until it is settled, then answers that", async () => {
      const claim = { scope: "v1.elsewhere.ask ", key };
      const row = { ...claim, request_hash: requestHash({ id: key }), answer: null, expires_at: 1e15 };
      await keys().db.write((tx) => tx.query.insertInto("idempotency_keys").values(row).execute());
      await expect(ask("ask")).rejects.toMatchObject({
        type: "IDEMPOTENCY_IN_PROGRESS",
        code: 409,
        data: { retryAfter: 1 },
      });
      const settle = (answer: unknown) =>
        keys().db.write(async (tx) => tx.add(keys().idempotency.settle(claim, answer)));
      await settle({ done: [1, null] });
      await settle("too late");
      expect(await ask("ask")).toEqual({ done: [1, null] });
      await expect(ask("ask", "other")).rejects.toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    });
  });

  it("keeps so many keys of one person and action, and refuses more until some have expired", async () => {
    const options = await as(key);
    await write({ id: key }, options);
    const [row] = await host()
      .db.query.selectFrom("idempotency_keys" as never)
      .selectAll()
      .where("key" as never, "=", key as never)
      .execute();
    const rows = Array.from({ length: 9_999 }, (_, number) => ({ ...(row as object), key: `k${number}` }));
    for (let from = 0; from < rows.length; from += 1000) {
      const some = rows.slice(from, from + 1000);
      await host().db.write((tx) =>
        tx.query
          .insertInto("idempotency_keys" as never)
          .values(some as never)
          .execute(),
      );
    }
    const more = { ...options, ...withKey(newId()), meta: options.meta };
    await expect(write({ id: key }, more)).rejects.toMatchObject({ type: "RATE_LIMITED", data: { retryAfter: 3600 } });
    // What was answered is answered, and nobody else is refused.
    await write({ id: key }, options);
    await write({ id: key }, await as(newId()));
    expect(await notes(key)).toBe(2);
  });

  it("forgets keys after a day", async () => {
    await write({ id: key });
    await broker.stop();
    skew = 25 * 60 * 60 * 1000;
    broker = await startBroker([once, elsewhere]);
    await eventually(async () => {
      await write({ id: key });
      return (await notes(key)) === 2;
    });
  });
});
