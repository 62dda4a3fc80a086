/**
 * Events become messages: each once, on the channels that the person wants, also after a crash or a stop.
 * @databases sqlite postgres
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dataPath } from "#core/config.ts";
import { browserKeys } from "../../test/support/fixtures/browser-keys.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  deliveriesOf,
  eventFor,
  person,
  publish,
  start,
  stop,
  users,
  withStorage,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";
import { storage } from "../../test/support/systems/storage.ts";

describe("an event", () => {
  beforeAll(() => start());
  afterAll(stop);

  it.each([
    ["payment-received", "We received your payment", "결제가 완료되었습니다"],
    ["order-confirmed", "Your order is confirmed", "주문이 확정되었습니다"],
    ["order-cancelled", "Your order was cancelled", "주문이 취소되었습니다"],
    ["payment-refunded", "Your refund is on its way", "환불이 처리되었습니다"],
  ] as const)("causes the e-mail %s in the language of its reader", async (template, english, korean) => {
    const [mina, minsu] = [await person(), await person({ language: "ko", name: "민수" })];
    await publish(eventFor(template, mina.id), eventFor(template, minsu.id));
    for (const [{ id, finished }, subject, language] of [
      [mina, english, "en"],
      [minsu, korean, "ko"],
    ] as const) {
      const [item, ...more] = await finished();
      expect(more).toEqual([]);
      expect(item).toMatchObject({ status: "sent", channel: "email", template });
      const mail = writtenMail(item!.id);
      expect(mail).toMatchObject({ to: `${id}@example.com`, subject, language });
      expect(mail.header("Message-ID")).toBe(`<${item!.id}@madang.example>`);
      expect(mail.raw).not.toMatch(/(?<!\r)\n/);
    }
  });

  it("that arrives twice causes one message", async () => {
    const { id, finished } = await person();
    const event = eventFor("order-confirmed", id);
    await Promise.all([publish(event), publish(event)]);
    await publish(event);
    expect(await finished()).toHaveLength(1);
  });

  it("leaves no temporary files, and no address in the delivery log", async () => {
    const { id, finished } = await person();
    await publish(eventFor("order-confirmed", id));
    await finished();
    expect(readdirSync(dataPath("mail", ".")).filter((name) => !name.endsWith(".eml"))).toEqual([]);
    expect(JSON.stringify(await deliveriesOf(id))).not.toContain("@");
  });

  it("causes a suppressed message when the person does not want any", async () => {
    const { id, call, finished } = await person();
    await call("setPreferences", { email: false, sms: false, push: false });
    await publish(eventFor("order-confirmed", id));
    const [item] = await finished();
    expect(item).toMatchObject({ status: "suppressed", sentAt: null });
    expect(existsSync(dataPath("mail", `${item!.id}.eml`))).toBe(false);
  });

  it("causes a suppressed message when the person has deleted the account", async () => {
    const { id, finished } = await person();
    users.items.delete(id);
    await publish(eventFor("payment-refunded", id));
    expect(await finished()).toMatchObject([{ status: "suppressed" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ error: "USER_GONE", next_at: null }]);
  });

  it("is sent only to the browsers of a person whose address is not verified", async () => {
    const { id, call, finished } = await person({ phone: "+82101234567", emailVerified: false });
    await call("setPreferences", { email: true, sms: true, push: true });
    await call("subscribe", { endpoint: `https://push.example.com/${id}`, keys: browserKeys });
    await publish(eventFor("order-confirmed", id));
    const items = await finished(3);
    const outcome = Object.fromEntries(items.map(({ channel, status, reason }) => [channel, [status, reason]]));
    expect(outcome).toEqual({
      email: ["suppressed", "UNVERIFIED"],
      sms: ["suppressed", "UNVERIFIED"],
      push: ["sent", null],
    });
    for (const item of items) {
      expect(existsSync(dataPath("mail", `${item.id}.eml`))).toBe(false);
      expect(existsSync(dataPath("sms", `${item.id}.json`))).toBe(false);
    }
  });

  it("is sent as a text and as a push message to a person who wants them and has an address for them", async () => {
    const { id, call, finished } = await person({ phone: "+82101234567" });
    await call("setPreferences", { email: true, sms: true, push: true });
    await publish(eventFor("payment-received", id));
    const first = await finished(3);
    expect(Object.fromEntries(first.map(({ channel, status }) => [channel, status]))).toEqual({
      email: "sent",
      sms: "sent",
      push: "suppressed",
    });
    const text = first.find(({ channel }) => channel === "sms")!;
    expect(JSON.parse(readFileSync(dataPath("sms", `${text.id}.json`), "utf8"))).toMatchObject({
      to: "+82101234567",
      text: "We received your payment of ₩39,000 for the order 00000001.",
    });

    await call("subscribe", { endpoint: `https://push.example.com/${id}`, expirationTime: null, keys: browserKeys });
    await publish(eventFor("order-confirmed", id));
    const push = (await finished(6)).find(
      ({ channel, template }) => channel === "push" && template === "order-confirmed",
    )!;
    const written = readFileSync(dataPath("push", `${push.id}.json`), "utf8");
    expect(JSON.parse(written)).toMatchObject({
      endpoints: [`https://push.example.com/${id}`],
      title: "Your order is confirmed",
    });
    expect(written).not.toContain(browserKeys.auth);
  });

  it("waits while the user service is not available, and is sent afterwards", async () => {
    const { id, finished } = await person();
    users.isAway = true;
    await publish(eventFor("order-confirmed", id));
    const [tried] = await eventually(async () => {
      const found = await deliveriesOf(id);
      return found[0]?.error ? found : null;
    });
    users.isAway = false;
    expect(tried).toMatchObject({ status: "queued", error: "SERVICE_UNAVAILABLE", attempts: 0 });
    expect(await finished()).toMatchObject([{ status: "sent" }]);
  });

  it("that a person was deleted removes their preferences and browsers", async () => {
    const { id, call } = await person();
    await call("setPreferences", { email: false, sms: false, push: false });
    await publish({ ...eventFor("order-confirmed", id), type: "user.deleted", data: { userId: id } });
    expect(await call("getPreferences")).toEqual({ email: true, sms: false, push: false, version: 0 });
  });
});

describe("a crash after sending and before storing that it was sent", () => {
  it("sends the message again with the same file name and Message-ID", async () => {
    await start();
    const { id, finished } = await person();
    await publish(eventFor("order-confirmed", id));
    const [item] = await finished();
    await stop();
    const before = readdirSync(dataPath("mail", ".")).length;
    // An embedded service knows that its leases are nobody's; others wait for their end.
    const next_at = Date.now() + (storage() === "sqlite" ? 60_000 : 0);
    await withStorage((db) =>
      db.write((tx) =>
        tx.query
          .updateTable("deliveries")
          .set({ status: "queued", sent_at: null, next_at })
          .where("user_id", "=", id)
          .execute(),
      ),
    );

    await start();
    expect(await finished()).toMatchObject([{ id: item!.id, status: "sent" }]);
    await stop();
    expect(readdirSync(dataPath("mail", "."))).toHaveLength(before);
    expect(writtenMail(item!.id).header("Message-ID")).toBe(`<${item!.id}@madang.example>`);
  });
});

describe("a stop", () => {
  it("leaves what is not sent yet queued, and the next start sends it", async () => {
    await start({ NOTIFICATION_RATE: 2 });
    const { id, list, finished } = await person();
    await publish(...Array.from({ length: 30 }, () => eventFor("order-confirmed", id)));
    const sent = async () => (await list()).filter(({ status }) => status === "sent").length;
    await eventually(async () => (await sent()) > 0);
    await stop();
    const left = (await deliveriesOf(id)).filter(({ status }) => status === "queued").length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(30);

    await start();
    const items = await finished(30);
    expect(items).toHaveLength(30);
    expect(items.every(({ status }) => status === "sent")).toBe(true);
    await stop();
  });
});
