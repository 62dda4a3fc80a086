/**
 * What e-mails contain, and how they are handed to a mail server.
 * @databases sqlite postgres
 */
import { existsSync } from "node:fs";
import { newId } from "#core/id.ts";
import { dataPath } from "#core/config.ts";
import { parseMail } from "../../test/support/actors/mailbox.ts";
import { SmtpServer } from "../../test/support/actors/smtp-server.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  deliveriesOf,
  eventFor,
  orders,
  person,
  publish,
  start,
  stop,
  writtenMail,
} from "../../test/support/systems/notification-service.ts";
import { config } from "./notification.config.ts";
import { sampleSurroundings, type TemplateName } from "./notification.template.ts";

type Message = readonly [template: TemplateName, data?: Partial<Record<"payment" | "reason" | "amount", unknown>>];
const cancelled = (code: string, payment?: "none" | "cancelled" | "refunded"): Message => [
  "order-cancelled",
  { reason: { code, message: "x" }, payment },
];
const refunded = (amount: number): Message => ["payment-refunded", { amount: { amount, currency: "KRW" } }];

/** Every way an order can end, with the messages that it causes. */
const ends: Readonly<Record<string, readonly Message[]>> = {
  confirmed: [["payment-received"], ["order-confirmed"]],
  declined: [cancelled("PAYMENT_DECLINED", "none")],
  "declined at the capture of the payment": [cancelled("PAYMENT_DECLINED", "cancelled")],
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
    refunded(10_000),
    cancelled("ORDER_CANCELLED_BY_SHOP", "refunded"),
    refunded(29_000),
  ],
  "ended by hand": [["payment-received"], cancelled("ORDER_CANCELLED_BY_SHOP"), ["payment-refunded"]],
  "ended by hand, unpaid": [cancelled("ORDER_CANCELLED_BY_SHOP")],
};

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((one, index) => permutations(all.toSpliced(index, 1)).map((rest) => [one, ...rest]));
}

/** Sentences that only some of the messages may contain. */
const sentences = {
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

describe("an e-mail", () => {
  beforeAll(() => start({ PUBLIC_URL: "https://shop.example" }));
  afterAll(stop);

  it("says where its reader changes the preferences, and offers no unsubscribing by one click", async () => {
    const { id, finished } = await person();
    await publish(eventFor("order-confirmed", id));
    const [item] = await finished();
    const { header, raw } = writtenMail(item!.id);
    expect(header("List-Unsubscribe")).toBe("<https://shop.example/notification-preferences>");
    expect(header("List-Unsubscribe-Post")).toBe("");
    expect(raw).toContain("Content-Type: text/plain");
    expect(raw).toContain("Content-Type: text/html");
  });

  it("waits for the order service, and contains the address of the order, which the delivery log does not", async () => {
    const { id, finished } = await person();
    const event = eventFor("order-confirmed", id);
    const orderId = newId();
    orders.items.set(orderId, { ...sampleSurroundings(config, "ko").order!, id: orderId });
    orders.isAway = true;
    await publish({ ...event, data: { ...(event.data as object), orderId } });
    await eventually(async () => (await deliveriesOf(id))[0]?.error ?? null);
    orders.isAway = false;
    const [item] = await finished();
    expect(writtenMail(item!.id).text).toContain("세종대로 110");
    expect(JSON.stringify(await deliveriesOf(id))).not.toContain("세종대로");
  });
});

describe("the e-mails of an order", () => {
  beforeAll(() => start());
  afterAll(stop);

  const cases = Object.keys(ends).flatMap((end) => (["en", "ko"] as const).map((language) => [end, language] as const));

  it.each(cases)(
    "that is %s do not contradict each other in %s, in whatever sequence its events arrive",
    async (end, language) => {
      const messages = ends[end]!;
      const sets = await Promise.all(
        permutations(messages).map(async (sequence) => {
          const { id, finished } = await person({ language });
          for (const [template, data] of sequence) {
            const event = eventFor(template, id);
            await publish({
              ...event,
              time: "2026-01-15T03:04:05.000Z",
              data: { ...(event.data as object), payment: undefined, ...data },
            });
          }
          return (await finished(messages.length)).map((item) => writtenMail(item.id).text).toSorted();
        }),
      );
      const [mails] = sets;
      expect(mails).toHaveLength(messages.length);
      for (const set of sets) expect(set).toEqual(mails);

      const all = mails!.join("\n");
      const has = sentences[language];
      const [isPaid, isRefunded] = (["payment-received", "payment-refunded"] as const).map((name) =>
        messages.some(([template]) => template === name),
      );
      const isCancelled = messages.some(([template]) => template === "order-cancelled");
      const isKnown = messages.some(([, data]) => data?.payment);
      expect(has.paid.test(all)).toBe(isPaid);
      expect(has.refunds.test(all)).toBe(isRefunded);
      expect(has.uncharged.test(all)).toBe(isCancelled && isKnown && !isRefunded);
      if (isPaid || isRefunded) expect(all).not.toMatch(has.declined);
      expect(all).not.toMatch(has.later);
    },
  );
});

describe("a mail server", () => {
  let server: SmtpServer;

  beforeEach(async () => {
    server = await new SmtpServer().start();
    await start({ SMTP_URL: server.url, NOTIFICATION_ATTEMPTS: 3 });
  });
  afterEach(async () => {
    await stop();
    await server.stop();
  });

  it("receives the e-mail, which is then not written to a file", async () => {
    const { id, finished } = await person({ language: "ko" });
    await publish(eventFor("order-confirmed", id));
    const [item] = await finished();
    expect(item).toMatchObject({ status: "sent" });
    expect(server.received).toHaveLength(1);
    const mail = parseMail(server.received[0]!);
    expect(mail.subject).toBe("주문이 확정되었습니다");
    expect(mail.header("Message-ID")).toBe(`<${item!.id}@madang.example>`);
    expect(existsSync(dataPath("mail", `${item!.id}.eml`))).toBe(false);
  });

  it("is asked again when it was busy", async () => {
    server.answers = ["451 later"];
    const { id, finished } = await person();
    await publish(eventFor("order-confirmed", id));
    expect(await finished()).toMatchObject([{ status: "sent" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 2, error: null }]);
    expect(server.received).toHaveLength(1);
  });

  it("is not asked again for an unknown address, and the delivery log does not keep the address", async () => {
    const { id, finished } = await person();
    server.answers = [`550 <${id}@example.com> unknown`];
    await publish(eventFor("order-confirmed", id));
    expect(await finished()).toMatchObject([{ status: "failed" }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 1, error: "EENVELOPE 550" }]);
  });

  it("that never answers is given up after the last attempt", async () => {
    await server.stop();
    const { id, finished } = await person();
    await publish(eventFor("order-confirmed", id));
    expect(await finished()).toMatchObject([{ status: "failed", sentAt: null }]);
    expect(await deliveriesOf(id)).toMatchObject([{ attempts: 3, next_at: null }]);
  });
});
