/**
 * Who waits for a product that is sold out, and is told once when it is back.
 * @databases sqlite postgres
 */
import { DAY, HOUR } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  asNobody,
  deliveriesOf,
  eventFor,
  person,
  products,
  publish,
  start,
  stop,
  withStorage,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";
import type { RestockAlert } from "./restock.contract.ts";

const API = "https://api.shop.example/";
beforeAll(() => start({ NOTIFICATION_API_URL: API, PUBLIC_URL: "https://shop.example" }));
afterAll(stop);
afterEach(() => jest.restoreAllMocks());

const won = (amount: number) => ({ amount, currency: "KRW" as const });
/** A product with so many units; answers its id. */
function product(sellable: number, id = newId()): string {
  products.items.set(id, { id, name: "Moon jar", price: won(1000), taxRate: 1000, sellable });
  return id;
}
const restocked = (productId: string) => {
  const event = eventFor("back-in-stock", newId());
  return publish({ ...event, data: { productId, sellable: 1 } });
};
const back = async (productId: string) => {
  product(1, productId);
  await restocked(productId);
};
async function customer(contact: Parameters<typeof person>[0] = {}) {
  const { call, ...more } = await person(contact);
  const wait = (productId: string) => call<RestockAlert>("addRestockAlert", { productId });
  const waiting = async () =>
    (await call<{ items: RestockAlert[] }>("listRestockAlerts")).items.map(({ productId }) => productId);
  return { ...more, call, wait, waiting };
}
const due = async () =>
  (await withStorage((db) => db.query.selectFrom("restock_alerts").select("check_at").execute())).map(
    ({ check_at }) => check_at,
  );
const refusal = (type: string) => expect.objectContaining({ type });

it("tells each who waits for the product once, and others nothing", async () => {
  const [one, other] = [product(0), product(0)];
  const [mina, jun] = [await customer(), await customer({ language: "ko" })];
  const { id } = await mina.wait(one);
  expect(await mina.wait(one)).toMatchObject({ id });
  await jun.wait(one);
  await mina.wait(other);
  await back(one);
  const [message] = await mina.finished();
  expect(message).toMatchObject({ template: "back-in-stock", title: "It is back in stock", orderId: one });
  const mail = writtenMail(message!.id);
  expect(mail.text).toContain("Moon jar can be ordered again.");
  expect(mail.text).toContain(`See the product: https://shop.example/products/${one}`);
  expect((await jun.finished())[0]).toMatchObject({ status: "sent" });
  expect(await mina.waiting()).toEqual([other]);
  await restocked(one);
  await jun.wait(other);
  await back(other);
  await mina.finished(2);
  await jun.finished(2);
  expect(await mina.list()).toHaveLength(2);
});

it("rejects what is in stock, what nobody sells, what is sold in variants, and more than 50", async () => {
  const { wait, waiting, call } = await customer();
  await expect(wait(product(1))).rejects.toEqual(refusal("NOTIFICATION_IN_STOCK"));
  await expect(wait(newId())).rejects.toEqual(refusal("NOT_FOUND"));
  const asked = await Promise.allSettled(Array.from({ length: 55 }, () => wait(product(0))));
  expect(asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []))).toEqual(
    Array.from({ length: 5 }, () => refusal("NOTIFICATION_RESTOCK_ALERTS_FULL")),
  );
  expect(await waiting()).toHaveLength(50);
  const { items } = await call<{ items: RestockAlert[] }>("listRestockAlerts");
  const stranger = await customer();
  await expect(stranger.call("removeRestockAlert", { id: items[0]!.id })).rejects.toEqual(refusal("NOT_FOUND"));
  await call("removeRestockAlert", { id: items[0]!.id });
  expect(await waiting()).toHaveLength(49);
});

it("sends nothing to whoever has stopped such e-mails, and spends what they asked for", async () => {
  const { wait, waiting, finished } = await customer();
  const one = product(0);
  await wait(one);
  await back(one);
  const [message] = await finished();
  const header = writtenMail(message!.id).header("List-Unsubscribe");
  const [, token] = /unsubscriptions\/([\w-]+)>$/.exec(header)!;
  await expect(asNobody("getUnsubscription", { token })).resolves.toEqual({ kind: "reminders", isWanted: true });
  await asNobody("withdraw", { token, headers: {}, body: "List-Unsubscribe=One-Click" });
  await expect(asNobody("getUnsubscription", { token })).resolves.toEqual({ kind: "reminders", isWanted: false });
  const two = product(0);
  await wait(two);
  await back(two);
  const items = await finished(2);
  expect(items.find(({ orderId }) => orderId === two)).toMatchObject({ status: "suppressed", reason: "NOT_WANTED" });
  await eventually(async () => (await waiting()).length === 0);
});

it("keeps who waits for what is sold out again, and looks it up once a day, should its event never come", async () => {
  const [gone, missed] = [product(0), product(0)];
  const { id, wait, waiting } = await customer();
  await wait(gone);
  await wait(missed);
  // It was bought again before anybody looked.
  await restocked(gone);
  await eventually(async () => (await due()).every((at) => at > Date.now() + HOUR));
  expect(await waiting()).toEqual([gone, missed]);
  product(1, missed);
  expect(await deliveriesOf(id)).toEqual([]);
  const clock = new Clock();
  clock.advance(DAY);
  await eventually(async () => (await deliveriesOf(id)).length > 0);
  jest.restoreAllMocks();
  expect(await waiting()).toEqual([gone]);
  expect(await deliveriesOf(id)).toMatchObject([{ template: "back-in-stock" }]);
});
