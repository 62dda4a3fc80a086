/**
 * The actions of the service: a person's messages, preferences and browsers, and the templates.
 * @databases sqlite postgres
 */
import { browserKeys } from "../../test/support/fixtures/browser-keys.ts";
import { callerAs, eventFor, person, publish, start, stop } from "../../test/support/systems/notification-service.ts";
import type { Notification } from "./notification.contract.ts";
import { templates } from "./notification.template.ts";

beforeAll(() => start());
afterAll(stop);

describe("notification.list", () => {
  it("answers the messages of this person alone, newest first, page by page", async () => {
    const [mina, other] = [await person(), await person()];
    for (const template of ["payment-received", "order-confirmed", "order-cancelled"] as const)
      await publish(eventFor(template, mina.id));
    await mina.finished(3);
    interface Page {
      items: Notification[];
      nextCursor: string | null;
    }
    const first = await mina.call<Page>("list", { limit: 2 });
    expect(first.items.map(({ template }) => template)).toEqual(["order-cancelled", "order-confirmed"]);
    expect(first.items[0]).toMatchObject({
      title: "Your order was cancelled",
      orderId: templates["order-cancelled"].sample.orderId,
    });
    const second = await mina.call<Page>("list", { limit: 2, cursor: first.nextCursor });
    expect(second).toMatchObject({ items: [{ template: "payment-received" }], nextCursor: null });
    expect(await other.list()).toEqual([]);
  });
});

describe("the preferences", () => {
  it("are kept, and a change of an older version is rejected with STALE_VERSION", async () => {
    const { call } = await person();
    expect(await call("getPreferences")).toEqual({ email: true, sms: false, push: false, version: 0 });
    const choice = { email: false, sms: true, push: false };
    expect(await call("setPreferences", { ...choice, version: 0 })).toEqual({ ...choice, version: 1 });
    await expect(call("setPreferences", { ...choice, version: 0 })).rejects.toMatchObject({ type: "STALE_VERSION" });
    expect(await call("setPreferences", { ...choice, email: true })).toMatchObject({ email: true, version: 2 });
    expect(await call("getPreferences")).toEqual({ email: true, sms: true, push: false, version: 2 });
  });
});

describe("notification.subscribe", () => {
  it("keeps one subscription for each browser, which only its owner can remove", async () => {
    const [mina, other] = [await person(), await person()];
    const subscription = { endpoint: `https://push.example.com/${mina.id}`, keys: browserKeys };
    const { id } = await mina.call<{ id: string }>("subscribe", subscription);
    expect(await mina.call("subscribe", subscription)).toMatchObject({ id });
    await expect(other.call("unsubscribe", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
    expect(await mina.call("unsubscribe", { id })).toBeNull();
    await expect(mina.call("unsubscribe", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it.each([
    ["without TLS", { endpoint: "http://push.example.com/1" }],
    ["too long", { endpoint: `https://push.example.com/${"x".repeat(1000)}` }],
    ["with unknown fields", { endpoint: "https://push.example.com/1", admin: true }],
    ["of this machine", { endpoint: "https://127.0.0.1/x" }],
    ["of this machine, as IPv6", { endpoint: "https://[::1]/x" }],
    ["of an internal name", { endpoint: "https://nats/x" }],
    ["with keys that no browser has", { keys: { p256dh: "BA", auth: "AA" } }],
    ["with a user and a password", { endpoint: "https://a:b@push.example.com/x" }],
  ])("rejects with VALIDATION_FAILED an endpoint %s", async (_, fields) => {
    const { call } = await person();
    await expect(call("subscribe", { keys: browserKeys, ...fields })).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });

  it("rejects with SUBSCRIPTIONS_FULL beyond twenty browsers, also when all subscribe at once, and accepts another after one was removed", async () => {
    const { id, call } = await person();
    const subscribe = (n: number) =>
      call<{ id: string }>("subscribe", { endpoint: `https://push.example.com/${id}/${n}`, keys: browserKeys });
    const answers = await Promise.allSettled(Array.from({ length: 27 }, (_, n) => subscribe(n)));
    const accepted = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    const refusals = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(accepted).toHaveLength(20);
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: 409, type: "NOTIFICATION_SUBSCRIPTIONS_FULL", data: { most: 20 } });
    const { items } = await call<{ items: { id: string; endpoint: string }[] }>("listSubscriptions");
    expect(items.map((item) => item.id).toSorted()).toEqual(accepted.map((item) => item.id).toSorted());
    // The same browser does not count twice.
    await expect(call("subscribe", { endpoint: items[0]!.endpoint, keys: browserKeys })).resolves.toMatchObject({
      id: items[0]!.id,
    });
    await call("unsubscribe", { id: items[1]!.id });
    await expect(subscribe(99)).resolves.toBeDefined();
  });
});

describe("the templates", () => {
  it("are shown to staff only", async () => {
    const { call } = await person();
    await expect(call("listTemplates")).rejects.toMatchObject({ type: "FORBIDDEN" });
    const callAsStaff = await callerAs("staff");
    const { items } = await callAsStaff<{ items: { name: string }[] }>("listTemplates");
    expect(items.map(({ name }) => name)).toEqual(Object.keys(templates));
    const preview = (params: object) => callAsStaff("previewTemplate", params);
    expect(await preview({ name: "order-confirmed", language: "ko" })).toMatchObject({
      subject: "주문이 확정되었습니다",
    });
    await expect(preview({ name: "toString" })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});
