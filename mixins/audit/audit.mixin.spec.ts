/**
 * What staff, administrators and keys change is written down, with the change, in a chain.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { signKeyToken } from "#mixins/node/tokens.ts";
import { AuditedShop } from "../../test/support/systems/audited-shop.ts";
import { verify } from "./verify.ts";

let shop: AuditedShop;
beforeAll(async () => {
  shop = await AuditedShop.open();
});
afterAll(() => shop.close());

it("tells who changed what, before and after, without secrets and what is personal", async () => {
  const id = newId();
  for (const way of ["add", "run", "one", "ask", "upsert", "query", "raw", "remove"])
    await shop.call("change", id, way);
  const entries = await shop.entriesOf(id);
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
    actor: `user:${shop.staff}`,
    action: "shop.change",
    object: `/shop/${id}/add`,
    request_id: expect.stringMatching(/^[0-9a-f-]{32,36}$/),
    changes: [{ after: [{ name: "(7 characters)", label: "Green Tea, 200 g", secret_hash: "(secret)" }] }],
  });
});

it("writes what a key does as the key's, and what customers do not at all", async () => {
  const [id, key] = [newId(), newId()];
  await shop.call("order", id, "add", await shop.tokenOf("customer"));
  expect(await shop.entriesOf(id)).toEqual([]);
  const accessToken = await signKeyToken(key, ["shop.*"], Date.now() + 60_000);
  await shop.broker.call(
    "v1.shop.order",
    { id, way: "run" },
    { meta: { accessToken }, headers: { "idempotency-key": newId() } },
  );
  expect(await shop.entriesOf(id)).toMatchObject([
    { actor: `key:${key}`, action: "shop.order", changes: [{ table: "things", after: [{ state: "moved" }] }] },
  ]);
});

it("writes nothing for a reading, for what changed nothing, and for what was rolled back", async () => {
  const id = newId();
  await shop.call("change", id, "add");
  await shop.call("look", id, "look");
  await shop.call("change", id, "nothing");
  await expect(shop.call("change", id, "none")).rejects.toMatchObject({ type: "NOT_FOUND" });
  await expect(shop.call("change", id, "fail")).rejects.toMatchObject({ type: "NOT_FOUND" });
  expect(await shop.entriesOf(id)).toHaveLength(1);
  await expect(shop.db.query.selectFrom("things").select("state").where("id", "=", id).execute()).resolves.toEqual([
    { state: "seen" },
  ]);
});

it("is one chain, though many add to it at once", async () => {
  const ids = Array.from({ length: 30 }, newId);
  await Promise.all(ids.map((id) => shop.call("change", id, "add")));
  const { rows: count, faults } = await verify(shop.db, "shop");
  expect(faults).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(30);
});

it("lets nobody wait who would not wait without it", async () => {
  const id = newId();
  await shop.call("change", id, "add");
  await Promise.all(Array.from({ length: 12 }, () => shop.call("change", id, "part")));
  const [thing] = await shop.db.query.selectFrom("things").select("stock").where("id", "=", id).execute();
  expect(thing).toEqual({ stock: 25 });
});

it("is read by administrators, newest first, by pages and filters", async () => {
  const id = newId();
  for (const way of ["add", "run", "one"]) await shop.call("change", id, way);
  const accessToken = await shop.tokenOf("admin");
  const list = (params: object) =>
    shop.broker.call<{ items: { seq: number; object: string }[]; nextCursor: string | null }, object>(
      "v1.shop.listAuditLog",
      params,
      { meta: { accessToken } },
    );
  const first = await list({ actor: `user:${shop.staff}`, limit: 2 });
  const second = await list({ actor: `user:${shop.staff}`, limit: 2, cursor: first.nextCursor });
  const [newest] = first.items;
  expect([...first.items, ...second.items].map(({ seq }) => newest!.seq - seq)).toEqual([0, 1, 2, 3]);
  const object = `/shop/${id}/run`;
  await expect(list({ object })).resolves.toMatchObject({ items: [{ object }], nextCursor: null });
  await expect(list({ action: "shop.other" })).resolves.toMatchObject({ items: [] });
});

it("takes no other change than a row more", async () => {
  await shop.call("change", newId(), "add");
  const refused = [
    "update audit_log set actor = 'user:x'",
    "delete from audit_log",
    "update audit_heads set seq = 0",
    "update audit_heads set seq = seq + 2",
    "delete from audit_heads",
    ...(shop.db.dialect === "postgres" ? ["truncate audit_log", "truncate audit_heads"] : []),
  ];
  for (const text of refused) await expect(shop.write(text)).rejects.toThrow(/append-only/);
});
