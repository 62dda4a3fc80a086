/**
 * Text and push messages through real requests: to a stand-in for Twilio, and to a push service whose browser reads them.
 * @databases sqlite postgres
 */
import { importJWK, jwtVerify } from "jose";
import { newId } from "#core/id.ts";
import { networksOf } from "#mixins/http/public-host.ts";
import { PushService } from "../../test/support/actors/push-service.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  asNobody,
  deliveriesOf,
  eventFor,
  person,
  publish,
  start,
  stop,
  subscribed,
} from "../../test/support/systems/notification-service.ts";
import { TwilioStandIn } from "../../test/support/systems/twilio-stand-in.ts";
import { accountsOf } from "./twilio.model.ts";
import { vapidOf } from "./web-push.model.ts";

const phoneOf = (n: number) => `+8210${String(n).padStart(8, "0")}`;
let phones = 0;

/** Somebody who wants this channel. */
async function reader(channel: "sms" | "push") {
  const phone = phoneOf((phones += 1));
  const somebody = await person({ phone });
  await somebody.call("setPreferences", { email: false, sms: false, push: false, [channel]: true });
  const delivery = async () => (await deliveriesOf(somebody.id)).find((one) => one.channel === channel)!;
  return { ...somebody, phone, delivery };
}

describe("text messages", () => {
  let [first, second]: TwilioStandIn[] = [];
  beforeEach(async () => {
    first = await new TwilioStandIn().start();
    second = await new TwilioStandIn().start();
    await start({
      SMS_URLS: accountsOf(`${first.account},${second.account}`)!,
      NOTIFICATION_API_URL: "https://api.shop.example/",
      NOTIFICATION_ATTEMPTS: 4,
    });
  });
  afterEach(async () => {
    await stop();
    await first!.stop();
    await second!.stop();
  });

  it("are sent, and their arrival is reported, signed", async () => {
    const { id, phone, list, delivery } = await reader("sms");
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    expect(first!.messages).toMatchObject([
      { to: phone, from: "+15550001111", body: expect.stringContaining("39,000") },
    ]);
    const report = first!.report(phone, { MessageStatus: "delivered" });
    const forged = {
      ...report,
      headers: report.headers,
      id: newId(),
    };
    await expect(asNobody("receiveReceipt", forged)).rejects.toMatchObject({ type: "NOTIFICATION_SIGNATURE_INVALID" });
    await expect(asNobody("receiveReceipt", { ...report, provider: "other" })).rejects.toMatchObject({
      type: "NOT_FOUND",
    });
    await asNobody("receiveReceipt", report);
    await asNobody("receiveReceipt", first!.report(phone, { MessageStatus: "undelivered", ErrorCode: "30005" }));
    expect((await list()).find(({ channel }) => channel === "sms")).toMatchObject({
      status: "sent",
      deliveredAt: expect.any(String),
    });
    expect(await delivery()).toMatchObject({ reference: "SM0", provider: expect.stringMatching(/^127\.0\.0\.1-/) });
  });

  it("that never arrive are shown as failed", async () => {
    const { id, phone, delivery } = await reader("sms");
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    await asNobody("receiveReceipt", first!.report(phone, { MessageStatus: "undelivered", ErrorCode: "30005" }));
    expect(await delivery()).toMatchObject({ status: "failed", error: "SMS 30005", delivered_at: null });
  });

  it("go to the next provider while the first is down, which after a few failures is not asked", async () => {
    await first!.stop();
    for (let sent = 1; sent <= 7; sent += 1) {
      const { id, delivery } = await reader("sms");
      await publish(eventFor("order-confirmed", id));
      await eventually(async () => (await delivery())?.status === "sent");
      expect(await delivery()).toMatchObject({ attempts: 1 });
    }
    expect(second!.messages).toHaveLength(7);
    // It is back, and nobody asks it for a while.
    await first!.start();
    const { id, delivery } = await reader("sms");
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    expect([first!.requests.length, second!.messages.length]).toEqual([0, 8]);
  });

  it("are sent once when an answer was lost, by nobody else, and with the id that the provider gave them", async () => {
    first!.faults = ["lost"];
    const { id, delivery } = await reader("sms");
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    expect([first!.messages.length, second!.messages.length]).toEqual([1, 0]);
    expect(await delivery()).toMatchObject({ attempts: 2, reference: "SM0", error: null });
  });

  it("are not tried again for a number that gets none, and stop nobody else's", async () => {
    first!.faults = Array.from({ length: 6 }, () => [400, 21211] as const);
    for (let sent = 0; sent < 6; sent += 1) {
      const { id, delivery } = await reader("sms");
      await publish(eventFor("order-confirmed", id));
      await eventually(async () => (await delivery())?.status === "failed");
      expect(await delivery()).toMatchObject({ attempts: 1, error: "SMS 21211" });
    }
    const { id, delivery } = await reader("sms");
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    expect([first!.messages.length, second!.messages.length]).toEqual([1, 0]);
  });
});

describe("push messages", () => {
  const secret = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
  let service: PushService;
  const settings = { PUSH_VAPID_PRIVATE_KEY: secret, PUSH_VAPID_SUBJECT: "mailto:ops@shop.example" };
  beforeEach(async () => {
    service = await new PushService().start();
    await start({ ...settings, PUSH_NETWORKS: ["127.0.0.0/8"], PUBLIC_URL: "https://shop.example" });
  });
  afterEach(async () => {
    await stop();
    await service.stop();
  });

  it("arrive at the browser, readable to it alone, and tell its push service who sends them", async () => {
    const { id, delivery } = await reader("push");
    await subscribed(id, service.subscription("one"));
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    const [{ headers, body }] = service.received as [(typeof service.received)[0]];
    const row = await delivery();
    expect(service.read(body)).toMatchObject({
      title: "Your order is confirmed",
      tag: row.id,
      url: expect.stringMatching(/^https:\/\/shop\.example\/orders\//),
    });
    expect(body.toString("latin1")).not.toContain("confirmed");
    expect(headers).toMatchObject({ ttl: "86400", urgency: "normal", topic: row.id.replaceAll("-", "") });
    const { publicKey } = (await asNobody("getPushKey", {})) as { publicKey: string };
    const [, token, key] = /^vapid t=(.+), k=(.+)$/.exec(headers.authorization!)!;
    expect(key).toBe(publicKey);
    const point = Buffer.from(publicKey, "base64url");
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url")) as [
      string,
      string,
    ];
    const verified = await jwtVerify(token!, await importJWK({ kty: "EC", crv: "P-256", x, y }, "ES256"));
    expect(verified.payload).toMatchObject({ aud: service.origin, sub: "mailto:ops@shop.example" });
  });

  it("are sent again only to the browsers that do not have them, and end the subscription of one that is gone", async () => {
    const { id, call, delivery } = await reader("push");
    for (const name of ["one", "two", "three"]) await subscribed(id, service.subscription(name));
    service.answers = [503, 410];
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "sent");
    const times = Map.groupBy(service.received, ({ path }) => path);
    expect([...times.values()].map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([1, 1, 2]);
    expect((await call<{ items: unknown[] }>("listSubscriptions")).items).toHaveLength(2);
    expect(new Set(service.received.map(({ headers }) => headers["topic"])).size).toBe(1);
  });

  it("reach no address of the internal network, whatever its name says now", async () => {
    const { id, call, delivery } = await reader("push");
    await subscribed(id, service.subscription("one"));
    await stop();
    await start(settings);
    await publish(eventFor("order-confirmed", id));
    await eventually(async () => (await delivery())?.status === "failed");
    expect(await delivery()).toMatchObject({ error: "PUSH GONE" });
    expect(service.received).toEqual([]);
    const keys = { p256dh: "BA", auth: "AA" };
    const wrong = call("subscribe", { ...service.subscription("x"), endpoint: "https://push.example.com/x", keys });
    await expect(wrong).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
  });
});

describe("the settings", () => {
  it("name providers by their hosts, and take no half account", () => {
    const url = "https://AC1:secret@api.twilio.com?from=%2B15550001111";
    expect(accountsOf(`${url}, ${url}`)).toMatchObject([
      { name: "api.twilio.com", token: "secret" },
      { name: "api.twilio.com-2" },
    ]);
    for (const wrong of [
      "https://api.twilio.com?from=%2B1555",
      "https://AC1:x@api.twilio.com",
      "ftp://a:b@c?from=MG1",
      url + ",",
    ])
      expect(accountsOf(wrong)).toBeUndefined();
    expect(networksOf(null)).toEqual([]);
    expect(vapidOf(secret(), "").publicKey).toHaveLength(87);
  });
  const secret = () => "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
});
