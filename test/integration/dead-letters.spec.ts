/** Events that could not be handled: staff find them over HTTP, try them again when the cause is gone, or give them up. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import type { OrderTables } from "../../services/order/order.repository.ts";
import { Client, orderOf } from "../support/actors/client.ts";
import { AllServices, won } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

interface Letter {
  readonly id: string;
  readonly attempts: number;
  readonly error: string;
  readonly data: { readonly orderId: string };
}

let allServices: AllServices;
let staff: Client;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = new Client(allServices.url, (await allServices.person("staff")).token);
});
afterAll(() => allServices.close());

const letters = async () => (await staff.get<{ items: Letter[] }>("/dead-letters/order")).body.items;
const inbox = () => allServices.db<InboxTable>("order");

/** Tells of a refund of an order that is not there (yet), and lets the last attempt be the next. */
async function deadLetter(orderId: string): Promise<Letter> {
  const [id, userId, paymentId] = [newId(), newId(), newId()];
  const data = { paymentId, orderId, userId, refundId: newId(), amount: won(500), reason: "a scratch" };
  const about = { type: "payment.refunded", version: 1, source: "payment", subject: `payment:${paymentId}` };
  await localBus(allServices.broker).publish([
    { id, ...about, time: timestamp(), correlationId: id, causationId: id, data },
  ]);
  await inbox().write(({ query }) =>
    query.updateTable("inbox").set({ attempts: 7, next_at: 0 }).where("id", "=", id).execute(),
  );
  return eventually(async () => (await letters()).find((letter) => letter.id === id));
}

it("are listed with what they said and why they failed", async () => {
  const orderId = newId();
  const letter = await deadLetter(orderId);
  expect(letter).toMatchObject({ type: "payment.refunded", attempts: 8, data: { orderId, amount: won(500) } });
  expect(letter.error).not.toBe("");
  expect((await staff.get("/dead-letters/order?limit=0")).status).toBe(422);
});

it("take effect once when they are tried again after the cause is gone", async () => {
  const customer = await allServices.person();
  const { id } = await customer.call("order.create", orderOf(await allServices.product()));
  const missing = newId();
  const letter = await deadLetter(missing);
  // The order arrives late, under the id that the event names.
  await allServices.db<OrderTables>("order").write(async ({ query }) => {
    const found = await query.selectFrom("orders").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
    await query
      .insertInto("orders")
      .values({ ...found, id: missing, number: null, idempotency_key: null })
      .execute();
  });
  const replay = () => staff.post<{ code?: string } | null>(`/dead-letters/order/${letter.id}/replay`, undefined);
  expect((await replay()).status).toBe(204);
  const refunds = async () => {
    const { items } = await customer.call("order.getTimeline", { id: missing });
    return items.filter(({ step }) => step === "refund").map(({ detail }) => detail);
  };
  await eventually(async () => (await refunds()).length > 0);
  expect(await refunds()).toEqual(["₩500, a scratch"]);
  expect((await letters()).filter((one) => one.id === letter.id)).toEqual([]);
  expect([(await replay()).status, await refunds()]).toEqual([404, ["₩500, a scratch"]]);
});

it("are gone when they are given up", async () => {
  const letter = await deadLetter(newId());
  const discard = () => staff.send("DELETE", `/dead-letters/order/${letter.id}`);
  expect((await discard()).status).toBe(204);
  expect((await letters()).filter((one) => one.id === letter.id)).toEqual([]);
  expect((await discard()).status).toBe(404);
  expect((await staff.post(`/dead-letters/order/${letter.id}/replay`, undefined)).status).toBe(404);
});
