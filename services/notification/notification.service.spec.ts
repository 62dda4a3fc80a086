/** @databases sqlite postgres */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId, timestamp } from "#core/clock.ts";
import { dataPath } from "#core/config.ts";
import type { Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { sharedError } from "#core/errors.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { Database } from "#mixins/database/database.ts";
import { openDatabase } from "#mixins/database/open.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { storage } from "../../test/support/systems/storage.ts";
import { config } from "./notification.config.ts";
import type { Notification } from "./notification.contract.ts";
import type { NotificationTables } from "./notification.repository.ts";
import { sampleSurroundings, type TemplateName, templates } from "./notification.template.ts";
import { notificationService } from "./notification.service.ts";

interface Contact {
  readonly email: string;
  readonly name: string;
  readonly language: "en" | "ko";
  readonly phone: string | null;
  readonly emailVerified: boolean;
}

const contacts = new Map<string, Contact>();
let userIsAway = false;

/** Stands in for the user service. */
const user: ServiceSchema = {
  name: "user",
  version: 1,
  actions: {
    contact: {
      auth: "service",
      handler(ctx: { params: { ids: string[] } }) {
        if (userIsAway) throw sharedError("SERVICE_UNAVAILABLE");
        const { ids } = ctx.params;
        return { items: ids.filter((id) => contacts.has(id)).map((id) => ({ id, ...contacts.get(id) })) };
      },
    } as never,
  },
};

/** What the order service knows; whoever is asked about an order that is not here does not know it. */
const known = new Map<string, Output<"order.lookup">["items"][number]>();
let orderIsAway = false;

/** Stands in for the order service. */
const order: ServiceSchema = {
  name: "order",
  version: 1,
  actions: {
    lookup: {
      auth: "service",
      handler(ctx: { params: { ids: string[] } }) {
        if (orderIsAway) throw sharedError("SERVICE_UNAVAILABLE");
        return { items: ctx.params.ids.flatMap((id) => known.get(id) ?? []) };
      },
    } as never,
  },
};

let broker: ServiceBroker;

const start = async (settings: Partial<typeof config> = {}) => {
  broker = await startBroker([
    user,
    order,
    notificationService({ ...config, NOTIFICATION_RATE: 0, NOTIFICATION_RETRY_DELAY: 10, ...settings }),
  ]);
};

/** A person of one test. */
async function person(contact: Partial<Contact> = {}) {
  const id = newId();
  contacts.set(id, {
    email: `${id}@example.com`,
    name: "Mina",
    language: "en",
    phone: null,
    emailVerified: true,
    ...contact,
  });
  const meta = { accessToken: await signAccessToken({ id, roles: ["customer"], session: newId() }) };
  const call = <T>(action: string, params: object = {}) =>
    broker.call<T, object>(`notification.${action}`, params, { meta: { ...meta } });
  const list = async () => (await call<{ items: Notification[] }>("list", { limit: 100 })).items;
  return { id, call, list };
}

const envelope = (template: TemplateName, userId: string): Envelope => ({
  id: newId(),
  type: templates[template].event,
  version: 1,
  time: timestamp(),
  source: "spec",
  subject: `spec:${newId()}`,
  correlationId: newId(),
  causationId: newId(),
  data: { ...templates[template].sample, userId },
});

const publish = (...events: Envelope[]) => localBus(broker).publish(events);

/** Resolves when nothing of this person is queued any more. */
async function settled(list: () => Promise<Notification[]>): Promise<Notification[]> {
  for (;;) {
    const items = await list();
    if (items.length > 0 && items.every(({ status }) => status !== "queued")) return items;
    await sleep(10);
  }
}

/** The service's storage, also after the service has stopped. */
async function withStorage<T>(work: (db: Database<NotificationTables>) => Promise<T>): Promise<T> {
  const db = await openDatabase<NotificationTables>({ service: "notification", cache: null, warn: () => {} });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const deliveriesOf = (userId: string) =>
  withStorage((db) =>
    db.query.selectFrom("deliveries").selectAll().where("user_id", "=", userId).orderBy("id").execute(),
  );

/** A header of a mail, with its encoded words decoded (RFC 2047). */
function header(mail: string, name: string): string {
  const raw = new RegExp(`^${name}: (.*(?:\r\n[ \t].*)*)`, "im").exec(mail)?.[1] ?? "";
  const decode = (_: string, encoding: string, text: string) =>
    encoding.toUpperCase() === "B"
      ? Buffer.from(text, "base64").toString()
      : Buffer.from(
          text
            .replaceAll("_", " ")
            .replaceAll(/=([0-9A-F]{2})/g, (__, hex: string) => String.fromCharCode(parseInt(hex, 16))),
          "latin1",
        ).toString();
  return raw
    .replaceAll(/\?=\r\n\s+=\?/g, "?==?")
    .replaceAll(/\r\n\s+/g, " ")
    .replaceAll(/=\?UTF-8\?([BQ])\?(.*?)\?=/gi, decode);
}

const readMail = (id: string): string => readFileSync(dataPath("mail", `${id}.eml`), "utf8");

describe("events become messages", () => {
  beforeAll(() => start());
  afterAll(() => broker.stop());

  it.each([
    ["payment-received", "We received your payment", "결제가 완료되었습니다"],
    ["order-confirmed", "Your order is confirmed", "주문이 확정되었습니다"],
    ["order-cancelled", "Your order was cancelled", "주문이 취소되었습니다"],
    ["payment-refunded", "Your refund is on its way", "환불이 처리되었습니다"],
  ] as const)("writes %s as a file in the language of its reader", async (template, english, korean) => {
    const [mina, minsu] = [await person(), await person({ language: "ko", name: "민수" })];
    await publish(envelope(template, mina.id), envelope(template, minsu.id));
    for (const [{ id, list }, subject, language] of [
      [mina, english, "en"],
      [minsu, korean, "ko"],
    ] as const) {
      const [item, ...more] = await settled(list);
      expect(more).toEqual([]);
      expect(item).toMatchObject({ status: "sent", channel: "email", template });
      const mail = readMail(item!.id);
      expect(header(mail, "Subject")).toBe(subject);
      expect(header(mail, "To")).toContain(`${id}@example.com`);
      expect(header(mail, "Content-Language")).toBe(language);
      expect(header(mail, "Message-ID")).toBe(`<${item!.id}@madang.example>`);
      expect(mail).not.toMatch(/(?<!\r)\n/);
    }
  });

  it("sends once what arrives twice", async () => {
    const { id, list } = await person();
    const event = envelope("order-confirmed", id);
    await Promise.all([publish(event), publish(event)]);
    await publish(event);
    expect(await settled(list)).toHaveLength(1);
  });

  it("leaves no half-written files and keeps no address in its log", async () => {
    const { id, list } = await person();
    await publish(envelope("order-confirmed", id));
    await settled(list);
    expect(readdirSync(dataPath("mail", ".")).filter((name) => !name.endsWith(".eml"))).toEqual([]);
    expect(JSON.stringify(deliveriesOf(id))).not.toContain("@");
  });

  it("suppresses what a person does not want", async () => {
    const { id, call, list } = await person();
    await call("setPreferences", { email: false, sms: false, push: false });
    await publish(envelope("order-confirmed", id));
    const [item] = await settled(list);
    expect(item).toMatchObject({ status: "suppressed", sentAt: null });
    expect(existsSync(dataPath("mail", `${item!.id}.eml`))).toBe(false);
  });

  it("suppresses messages to somebody who is gone", async () => {
    const { id, list } = await person();
    contacts.delete(id);
    await publish(envelope("payment-refunded", id));
    expect(await settled(list)).toMatchObject([{ status: "suppressed" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ error: "USER_GONE", next_at: null }]);
  });

  it("tells somebody whose address is not verified through their own browsers only", async () => {
    const { id, call, list } = await person({ phone: "+82101234567", emailVerified: false });
    await call("setPreferences", { email: true, sms: true, push: true });
    const keys = { p256dh: "BPhc8iwvPgGk", auth: "c2VjcmV0" };
    await call("subscribe", { endpoint: `https://push.example.com/${id}`, keys });
    await publish(envelope("order-confirmed", id));
    const items = await settled(list);
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

  it("sends texts and push messages to those who want them and have an address", async () => {
    const { id, call, list } = await person({ phone: "+82101234567" });
    await call("setPreferences", { email: true, sms: true, push: true });
    await publish(envelope("payment-received", id));
    const first = await settled(list);
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

    const keys = { p256dh: "BPhc8iwvPgGk", auth: "c2VjcmV0" };
    await call("subscribe", { endpoint: `https://push.example.com/${id}`, expirationTime: null, keys });
    await publish(envelope("order-confirmed", id));
    const push = (await settled(list)).find(
      ({ channel, template }) => channel === "push" && template === "order-confirmed",
    )!;
    const written = readFileSync(dataPath("push", `${push.id}.json`), "utf8");
    expect(JSON.parse(written)).toMatchObject({
      endpoints: [`https://push.example.com/${id}`],
      title: "Your order is confirmed",
    });
    expect(written).not.toContain(keys.auth);
  });

  it("tries again while the user service is away", async () => {
    const { id, list } = await person();
    userIsAway = true;
    await publish(envelope("order-confirmed", id));
    const [tried] = await eventually(async () => {
      const found = await deliveriesOf(id);
      return found[0]?.error ? found : null;
    });
    userIsAway = false;
    expect(tried).toMatchObject({ status: "queued", error: "SERVICE_UNAVAILABLE", attempts: 0 });
    expect(await settled(list)).toMatchObject([{ status: "sent" }]);
  });

  it("forgets the choices and browsers of somebody who left", async () => {
    const { id, call } = await person();
    await call("setPreferences", { email: false, sms: false, push: false });
    await publish({ ...envelope("order-confirmed", id), type: "user.deleted", data: { userId: id } });
    expect(await call("getPreferences")).toEqual({ email: true, sms: false, push: false, version: 0 });
  });
});

describe("an e-mail", () => {
  beforeAll(() => start({ PUBLIC_URL: "https://shop.example" }));
  afterAll(() => broker.stop());

  it("says where its reader changes what they receive, and promises no single click", async () => {
    const { id, list } = await person();
    await publish(envelope("order-confirmed", id));
    const [item] = await settled(list);
    const mail = readMail(item!.id);
    expect(header(mail, "List-Unsubscribe")).toBe("<https://shop.example/notification-preferences>");
    expect(header(mail, "List-Unsubscribe-Post")).toBe("");
    expect(mail).toContain("Content-Type: text/plain");
    expect(mail).toContain("Content-Type: text/html");
  });

  it("has its order's address, which the log has not, and waits for the order service", async () => {
    const { id, list } = await person();
    const event = envelope("order-confirmed", id);
    const orderId = newId();
    known.set(orderId, { ...sampleSurroundings(config, "ko").order!, id: orderId });
    orderIsAway = true;
    await publish({ ...event, data: { ...(event.data as object), orderId } });
    await eventually(async () => (await deliveriesOf(id))[0]?.error ?? null);
    orderIsAway = false;
    const [item] = await settled(list);
    expect(textOf(readMail(item!.id))).toContain("세종대로 110");
    expect(JSON.stringify(await deliveriesOf(id))).not.toContain("세종대로");
  });
});

/** The plain text of a mail. */
function textOf(mail: string): string {
  const [, encoding, body] =
    /Content-Type: text\/plain[^]*?Content-Transfer-Encoding: (\S+)[^]*?\r\n\r\n([^]*?)\r\n--/.exec(mail)!;
  if (encoding === "base64") return Buffer.from(body!, "base64").toString();
  const bytes = body!
    .replaceAll(/=\r\n/g, "")
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return encoding === "quoted-printable" ? Buffer.from(bytes, "latin1").toString() : body!;
}

type Told = readonly [template: TemplateName, data?: Partial<Record<"payment" | "reason" | "amount", unknown>>];
const cancelled = (code: string, payment?: "none" | "cancelled" | "refunded"): Told => [
  "order-cancelled",
  { reason: { code, message: "x" }, payment },
];
const won = (amount: number) => ({ amount: { amount, currency: "KRW" } });

/** Every way an order can end, by what is told of it. */
const ends: Readonly<Record<string, readonly Told[]>> = {
  confirmed: [["payment-received"], ["order-confirmed"]],
  declined: [cancelled("PAYMENT_DECLINED", "none")],
  "declined when it was to be taken": [cancelled("PAYMENT_DECLINED", "cancelled")],
  "out of stock": [cancelled("PRODUCT_OUT_OF_STOCK", "none")],
  expired: [cancelled("EXPIRED", "cancelled")],
  "cancelled before it was paid": [cancelled("ORDER_CANCELLED", "cancelled")],
  "cancelled while it was being paid": [cancelled("ORDER_CANCELLED", "refunded"), ["payment-refunded"]],
  "cancelled after it was paid": [
    ["payment-received"],
    ["order-confirmed"],
    cancelled("ORDER_CANCELLED", "refunded"),
    ["payment-refunded"],
  ],
  "out of stock after it was paid": [
    ["payment-received"],
    cancelled("PRODUCT_OUT_OF_STOCK", "refunded"),
    ["payment-refunded"],
  ],
  "refused after it was paid": [["payment-received"], cancelled("PAYMENT_DECLINED", "refunded"), ["payment-refunded"]],
  "cancelled after a part was refunded": [
    ["payment-received"],
    ["payment-refunded", won(10_000)],
    cancelled("ORDER_CANCELLED_BY_SHOP", "refunded"),
    ["payment-refunded", won(29_000)],
  ],
  "ended by hand": [["payment-received"], cancelled("ORDER_CANCELLED_BY_SHOP"), ["payment-refunded"]],
  "ended by hand, unpaid": [cancelled("ORDER_CANCELLED_BY_SHOP")],
};

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((one, index) => permutations(all.toSpliced(index, 1)).map((rest) => [one, ...rest]));
}

const says = {
  en: {
    uncharged: /nothing was charged/i,
    paid: /your payment has arrived/,
    refunds: /is refunded to|have refunded/,
    declined: /declined/,
    later: /write again|once |as soon as/,
  },
  ko: {
    uncharged: /결제된 금액은 없습니다/,
    paid: /결제가 정상적으로 완료/,
    refunds: /전액 환불됩니다|환불해 드렸습니다/,
    declined: /승인되지 않았습니다/,
    later: /다시 안내/,
  },
} as const;

describe("the e-mails of an order", () => {
  beforeAll(() => start());
  afterAll(() => broker.stop());

  const cases = Object.keys(ends).flatMap((end) => (["en", "ko"] as const).map((language) => [end, language] as const));

  it.each(cases)(
    "that is %s do not contradict each other in %s, in whatever order its events come",
    async (end, language) => {
      const story = ends[end]!;
      const sets = await Promise.all(
        permutations(story).map(async (order) => {
          const { id, list } = await person({ language });
          for (const [template, data] of order) {
            const event = envelope(template, id);
            await publish({
              ...event,
              time: "2026-01-15T03:04:05.000Z",
              data: { ...(event.data as object), payment: undefined, ...data },
            });
          }
          await eventually(async () => (await list()).length === story.length);
          return (await settled(list)).map((item) => textOf(readMail(item.id))).toSorted();
        }),
      );
      const [mails] = sets;
      for (const set of sets) expect(set).toEqual(mails);

      const all = mails!.join("\n");
      const words = says[language];
      const [isPaid, isRefunded] = (["payment-received", "payment-refunded"] as const).map((name) =>
        story.some(([template]) => template === name),
      );
      const isCancelled = story.some(([template]) => template === "order-cancelled");
      const isKnown = story.some(([, data]) => data?.payment);
      expect(words.paid.test(all)).toBe(isPaid);
      expect(words.refunds.test(all)).toBe(isRefunded);
      expect(words.uncharged.test(all)).toBe(isCancelled && isKnown && !isRefunded);
      if (isPaid || isRefunded) expect(all).not.toMatch(words.declined);
      expect(all).not.toMatch(words.later);
    },
  );
});

describe("the API", () => {
  beforeAll(() => start());
  afterAll(() => broker.stop());

  it("pages through a person's own messages, newest first", async () => {
    const [mina, other] = [await person(), await person()];
    for (const template of ["payment-received", "order-confirmed", "order-cancelled"] as const)
      await publish(envelope(template, mina.id));
    await settled(mina.list);
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

  it("keeps preferences, and refuses to overwrite a newer choice", async () => {
    const { call } = await person();
    expect(await call("getPreferences")).toEqual({ email: true, sms: false, push: false, version: 0 });
    const choice = { email: false, sms: true, push: false };
    expect(await call("setPreferences", { ...choice, version: 0 })).toEqual({ ...choice, version: 1 });
    await expect(call("setPreferences", { ...choice, version: 0 })).rejects.toMatchObject({ type: "STALE_VERSION" });
    expect(await call("setPreferences", { ...choice, email: true })).toMatchObject({ email: true, version: 2 });
    expect(await call("getPreferences")).toEqual({ email: true, sms: true, push: false, version: 2 });
  });

  it("keeps one subscription for a browser, which only its owner removes", async () => {
    const [mina, other] = [await person(), await person()];
    const subscription = { endpoint: `https://push.example.com/${mina.id}`, keys: { p256dh: "BPhc", auth: "c2Vj" } };
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
  ])("refuses a push endpoint %s", async (_, fields) => {
    const { call } = await person();
    const keys = { p256dh: "BPhc", auth: "c2Vj" };
    await expect(call("subscribe", { keys, ...fields })).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
  });

  it("takes a few browsers of one person, also when all come at once, and takes another when one has gone", async () => {
    const { id, call } = await person();
    const keys = { p256dh: "BPhc8iwvPgGk", auth: "c2VjcmV0" };
    const subscribe = (n: number) =>
      call<{ id: string }>("subscribe", { endpoint: `https://push.example.com/${id}/${n}`, keys });
    const answers = await Promise.allSettled(Array.from({ length: 27 }, (_, n) => subscribe(n)));
    const taken = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    const refusals = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(taken).toHaveLength(20);
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ code: 409, type: "NOTIFICATION_SUBSCRIPTIONS_FULL", data: { most: 20 } });
    const { items } = await call<{ items: { id: string; endpoint: string }[] }>("listSubscriptions");
    expect(items.map((item) => item.id).toSorted()).toEqual(taken.map((item) => item.id).toSorted());
    // The same browser again is no other.
    await expect(call("subscribe", { endpoint: items[0]!.endpoint, keys })).resolves.toMatchObject({
      id: items[0]!.id,
    });
    await call("unsubscribe", { id: items[1]!.id });
    await expect(subscribe(99)).resolves.toBeDefined();
  });

  it("calls nothing inside for a browser", async () => {
    const { call } = await person();
    const keys = { p256dh: "BPhc8iwvPgGk", auth: "c2VjcmV0" };
    for (const endpoint of [
      "https://127.0.0.1/x",
      "https://[::1]/x",
      "https://nats/x",
      "https://a:b@push.example.com/x",
    ]) {
      await expect(call("subscribe", { endpoint, keys })).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    }
  });

  it("shows templates to staff only", async () => {
    const { call } = await person();
    await expect(call("listTemplates")).rejects.toMatchObject({ type: "FORBIDDEN" });
    const meta = { accessToken: await signAccessToken({ id: newId(), roles: ["staff"], session: newId() }) };
    const { items } = await broker.call<{ items: { name: string }[] }, object>(
      "notification.listTemplates",
      {},
      { meta: { ...meta } },
    );
    expect(items.map(({ name }) => name)).toEqual(Object.keys(templates));
    const preview = (params: object) => broker.call("notification.previewTemplate", params, { meta: { ...meta } });
    expect(await preview({ name: "order-confirmed", language: "ko" })).toMatchObject({
      subject: "주문이 확정되었습니다",
    });
    await expect(preview({ name: "toString" })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});

describe("a mail server", () => {
  let server: Server;
  let received: string[] = [];
  /** What it answers to the next recipients; then it accepts. */
  let answers: string[] = [];

  /** As much of RFC 5321 as one client needs. */
  const listen = (): Server =>
    createServer((socket) => {
      let mail: string[] | null = null;
      const say = (reply: string) => socket.write(`${reply}\r\n`);
      say("220 spec");
      socket.on("error", () => socket.destroy());
      createInterface({ input: socket, crlfDelay: Infinity }).on("line", (line) => {
        if (mail && line !== ".") mail.push(line);
        else if (mail) {
          received.push(mail.join("\r\n"));
          mail = null;
          say("250 kept");
        } else if (line.startsWith("RCPT")) say(answers.shift() ?? "250 fine");
        else if (line === "DATA") {
          mail = [];
          say("354 go on");
        } else if (line === "QUIT") socket.end("221 bye\r\n");
        else say("250 fine");
      });
    });

  beforeEach(async () => {
    [received, answers] = [[], []];
    server = listen().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    await start({ SMTP_URL: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, NOTIFICATION_ATTEMPTS: 3 });
  });
  afterEach(async () => {
    await broker.stop();
    await new Promise((resolve) => server.close(resolve));
  });

  it("receives the message", async () => {
    const { id, list } = await person({ language: "ko" });
    await publish(envelope("order-confirmed", id));
    const [item] = await settled(list);
    expect(item).toMatchObject({ status: "sent" });
    expect(received).toHaveLength(1);
    expect(header(received[0]!, "Subject")).toBe("주문이 확정되었습니다");
    expect(header(received[0]!, "Message-ID")).toBe(`<${item!.id}@madang.example>`);
    expect(existsSync(dataPath("mail", `${item!.id}.eml`))).toBe(false);
  });

  it("is asked again when it is busy", async () => {
    answers = ["451 later"];
    const { id, list } = await person();
    await publish(envelope("order-confirmed", id));
    expect(await settled(list)).toMatchObject([{ status: "sent" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 2, error: null }]);
    expect(received).toHaveLength(1);
  });

  it("is not asked again for an address it does not know, which is not written down", async () => {
    const { id, list } = await person();
    answers = [`550 <${id}@example.com> unknown`];
    await publish(envelope("order-confirmed", id));
    expect(await settled(list)).toMatchObject([{ status: "failed" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 1, error: "EENVELOPE 550" }]);
  });

  it("is given up when it stays away", async () => {
    await new Promise((resolve) => server.close(resolve));
    const { id, list } = await person();
    await publish(envelope("order-confirmed", id));
    expect(await settled(list)).toMatchObject([{ status: "failed", sentAt: null }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 3, next_at: null }]);
  });
});

describe("a crash between sending and marking", () => {
  it("sends again under the same name and Message-ID", async () => {
    await start();
    const { id, list } = await person();
    await publish(envelope("order-confirmed", id));
    const [item] = await settled(list);
    await broker.stop();
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
    expect(await settled(list)).toMatchObject([{ id: item!.id, status: "sent" }]);
    await broker.stop();
    expect(readdirSync(dataPath("mail", "."))).toHaveLength(before);
    expect(header(readMail(item!.id), "Message-ID")).toBe(`<${item!.id}@madang.example>`);
  });
});

describe("stopping", () => {
  it("leaves the rest queued, and the next start sends it", async () => {
    await start({ NOTIFICATION_RATE: 2 });
    const { id, list } = await person();
    await publish(...Array.from({ length: 30 }, () => envelope("order-confirmed", id)));
    const sent = async () => (await list()).filter(({ status }) => status === "sent").length;
    await eventually(async () => (await sent()) > 0);
    await broker.stop();
    const left = (await deliveriesOf(id)).filter(({ status }) => status === "queued").length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(30);

    await start();
    const items = await settled(list);
    expect(items).toHaveLength(30);
    expect(items.every(({ status }) => status === "sent")).toBe(true);
    await broker.stop();
  });
});
