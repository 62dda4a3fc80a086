/**
 * What happens when a receiver is slow, wrong, away or gone.
 * @databases sqlite postgres
 */
import { DAY, HOUR, now } from "#core/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { verified, WebhookReceiver } from "../../test/support/actors/webhook-receiver.ts";
import { settle } from "./outgoing.repository.ts";
import { call, database, happens, start, stop } from "../../test/support/systems/webhook-service.ts";

let clock: Clock;
let receivers: WebhookReceiver[];
beforeEach(async () => {
  receivers = [];
  clock = new Clock();
  await start();
});
afterEach(async () => {
  await stop();
  for (const receiver of receivers) await receiver.close();
  jest.restoreAllMocks();
});

async function registered(answer: WebhookReceiver["answer"]) {
  const receiver = await WebhookReceiver.open();
  receivers.push(receiver);
  receiver.answer = answer;
  const endpoint = await call("webhook.createEndpoint", { url: receiver.url, events: ["order.placed"] });
  return { receiver, endpoint };
}

/** The only delivery of an endpoint, once it is as `isSo` says. */
const deliveryOf = (id: string, isSo: (one: { status: string; attempts: number }) => boolean) =>
  eventually(async () => {
    const [one] = (await call("webhook.listDeliveries", { id })).items;
    return one && isSo(one) ? one : null;
  });

/** Lets every attempt fail, each at its time, and answers what failed for good. */
async function failed(id: string, eventIds: readonly string[]) {
  const list = async () =>
    (await call("webhook.listDeliveries", { id, limit: 100 })).items.filter(({ eventId }) =>
      eventIds.includes(eventId),
    );
  for (let attempts = 1; attempts < 8; attempts += 1) {
    await eventually(async () => (await list()).every((one) => one.attempts === attempts));
    clock.advance(9 * HOUR);
  }
  await eventually(async () => (await list()).every(({ status }) => status === "failed"));
  return list();
}

describe("a receiver", () => {
  it("that fails is asked again for a day, with the same id and a new time; then by hand", async () => {
    const { receiver, endpoint } = await registered(() => ({ status: 500 }));
    const [one] = await failed(endpoint.id, [await happens("order.placed", {})]);
    expect(one!.attempts).toBe(8);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(receiver.received.map(({ headers }) => headers["webhook-timestamp"])).size).toBe(8);
    receiver.answer = () => ({ status: 200 });
    await call("webhook.retryDelivery", { id: one!.id });
    await deliveryOf(endpoint.id, ({ status }) => status === "delivered");
    const { log } = await call("webhook.getDelivery", { id: one!.id });
    expect(log.map(({ status }) => status)).toEqual([...Array.from({ length: 8 }, () => 500), 200]);
  });

  it("that failed gets all that failed again", async () => {
    const { receiver, endpoint } = await registered(() => ({ status: 500 }));
    await failed(endpoint.id, [await happens("order.placed", {}), await happens("order.placed", {})]);
    receiver.answer = () => ({ status: 200 });
    const before = receiver.received.length;
    await expect(call("webhook.retryDeliveries", { id: endpoint.id })).resolves.toEqual({ retried: 2 });
    await eventually(async () => {
      const { items } = await call("webhook.listDeliveries", { id: endpoint.id, status: "delivered" });
      return items.length === 2;
    });
    expect(receiver.received).toHaveLength(before + 2);
  });

  it("that answers 410 is disabled, and gets nothing until somebody makes it active", async () => {
    const { receiver, endpoint } = await registered(() => ({ status: 410 }));
    await happens("order.placed", {});
    await deliveryOf(endpoint.id, ({ status }) => status === "failed");
    await expect(call("webhook.getEndpoint", { id: endpoint.id })).resolves.toMatchObject({ status: "disabled" });
    await happens("order.placed", {});
    await expect(call("webhook.listDeliveries", { id: endpoint.id })).resolves.toMatchObject({ items: [{}] });
    receiver.answer = () => ({ status: 200 });
    await call("webhook.editEndpoint", { id: endpoint.id, status: "active" });
    await happens("order.placed", {});
    await eventually(() => receiver.received.length === 2);
  });

  it("that fails for five days is disabled, and one that succeeded meanwhile is not", async () => {
    const { receiver, endpoint } = await registered(() => ({ status: 500 }));
    const fail = async () => failed(endpoint.id, [await happens("order.placed", {})]);
    const status = async () => (await call("webhook.getEndpoint", { id: endpoint.id })).status;
    await fail();
    receiver.answer = () => ({ status: 200 });
    await call("webhook.sendTest", { id: endpoint.id });
    await eventually(
      async () => (await call("webhook.listDeliveries", { id: endpoint.id, status: "delivered" })).items.length === 1,
    );
    receiver.answer = () => ({ status: 500 });
    clock.advance(4 * DAY);
    await fail();
    await expect(status()).resolves.toBe("active");
    clock.advance(5 * DAY);
    await fail();
    await expect(status()).resolves.toBe("disabled");
  });

  it("that never answers delays no other", async () => {
    const slow = await registered(() => "never");
    const quick = await registered(() => ({ status: 200 }));
    for (let sent = 0; sent < 12; sent += 1) await happens("order.placed", { sent });
    await eventually(() => quick.receiver.received.length === 12);
    expect(slow.receiver.received.length).toBeLessThanOrEqual(4);
  });

  it("that has not answered when the node stops is asked again by the next", async () => {
    const { receiver, endpoint } = await registered((attempt) => (attempt === 1 ? "never" : { status: 200 }));
    await happens("order.placed", {});
    await eventually(() => receiver.received.length === 1);
    await stop();
    await start();
    const delivery = await deliveryOf(endpoint.id, ({ status }) => status === "delivered");
    expect(delivery.attempts).toBe(1);
    expect(receiver.received).toHaveLength(2);
  });

  it("that was removed while it was asked leaves nothing", async () => {
    const { receiver, endpoint } = await registered(() => "never");
    await happens("order.placed", {});
    await eventually(() => receiver.received.length === 1);
    const { query } = database();
    const [row] = await query.selectFrom("deliveries").selectAll().where("endpoint_id", "=", endpoint.id).execute();
    await call("webhook.removeEndpoint", { id: endpoint.id });
    const attempt = { at: now(), status: 500, error: null, milliseconds: 1 };
    const end = { status: "failed", attempts: 1, next_at: null, disabledBefore: now() } as const;
    await expect(database().write((tx) => settle(tx, row!, attempt, end))).resolves.toBe(false);
    const left = query.selectFrom("attempts").selectAll().where("delivery_id", "=", row!.id);
    await expect(left.execute()).resolves.toEqual([]);
  });

  it("that redirects is not followed", async () => {
    const { receiver, endpoint } = await registered((attempt) => ({
      status: attempt === 1 ? 307 : 200,
      headers: { location: "/elsewhere" },
    }));
    await happens("order.placed", {});
    await deliveryOf(endpoint.id, ({ attempts }) => attempts === 1);
    clock.advance(HOUR);
    await deliveryOf(endpoint.id, ({ status }) => status === "delivered");
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hooks", "/hooks"]);
  });
});

describe("webhook.resetSecret", () => {
  it("signs with both for a day, then with the new one", async () => {
    const { receiver, endpoint } = await registered(() => ({ status: 200 }));
    const { secret } = await call("webhook.resetSecret", { id: endpoint.id });
    await happens("order.placed", {});
    // Not only received: a node whose lease ends before it has stored that sends it again.
    await deliveryOf(endpoint.id, ({ status }) => status === "delivered");
    for (const one of [secret, endpoint.secret]) expect(verified(one, receiver.received[0]!)).toBeDefined();
    clock.advance(DAY);
    await happens("order.placed", {});
    await eventually(() => receiver.received.length === 2);
    expect(verified(secret, receiver.received[1]!)).toBeDefined();
    expect(() => verified(endpoint.secret, receiver.received[1]!)).toThrow();
  });
});

describe("the log", () => {
  it("goes after a month", async () => {
    const { endpoint } = await registered(() => ({ status: 200 }));
    await happens("order.placed", {});
    await deliveryOf(endpoint.id, ({ status }) => status === "delivered");
    clock.advance(29 * DAY);
    const { removeOld } = await import("./delivery.repository.ts");
    const age = 30 * DAY;
    await removeOld(database(), now() - age);
    await deliveryOf(endpoint.id, () => true);
    clock.advance(DAY + HOUR);
    await removeOld(database(), now() - age);
    await expect(call("webhook.listDeliveries", { id: endpoint.id })).resolves.toMatchObject({ items: [] });
  });
});
