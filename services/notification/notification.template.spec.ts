import { languages } from "./notification.model.ts";
import {
  render as renderWith,
  sampleSurroundings,
  templateNames,
  templates,
  type TemplateName,
} from "./notification.template.ts";
import { formatTime, orderNumber } from "./templates/details.template.ts";
import { toHtml, toText } from "./templates/layout.template.ts";

const around = sampleSurroundings({ PUBLIC_URL: null, NOTIFICATION_TIME_ZONE: "Asia/Seoul" }, "ko");
const render = (
  name: TemplateName,
  language: "en" | "ko",
  data: unknown,
  recipient: string,
  shop: string | null = null,
) => renderWith(name, language, data, { ...around, recipient, shop });

type OrderTemplate = {
  [N in TemplateName]: (typeof templates)[N]["sample"] extends { orderId: string } ? N : never;
}[TemplateName];
const isOrders = (name: TemplateName): name is OrderTemplate => "orderId" in templates[name].sample;
const isCustomers = (name: TemplateName): boolean => !("isForStaff" in templates[name]);
const inBoth = <N extends TemplateName>(names: readonly N[]) =>
  names.flatMap((name) => languages.map((language) => ({ name, language })));
const cases = inBoth(templateNames.filter(isOrders));
const others = inBoth(templateNames.filter((name) => !isOrders(name)));

describe("templates", () => {
  it.each(cases)("writes $name in $language with nothing missing", ({ name, language }) => {
    const { sample } = templates[name];
    const message = render(name, language, sample, "Mina");
    for (const part of [message.subject, message.summary, message.text, message.html]) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object/);
      expect(part).not.toBe("");
    }
    expect(message.text).toContain(sample.orderId);
    expect(message.html).toContain(sample.orderId);
    expect(message.html).toContain(`<html lang="${language}">`);
    expect(message.text).toContain(language === "en" ? "₩39,000" : "39,000원");
    expect(message.text).toContain("Mina");
    expect(/[가-힣]/.test(message.subject)).toBe(language === "ko");
  });

  it.each(others)("writes $name in $language, which is about no order, with nothing missing", ({ name, language }) => {
    const data = templates[name].sample;
    const message = render(name, language, data, "Mina", "https://shop.example");
    for (const part of [message.subject, message.summary, message.text, message.html]) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object/);
      expect(part).not.toBe("");
    }
    expect(message.text).toContain(language === "en" ? "on: January 15, 2026 at 12:04 GMT+9" : "일시: 2026년 1월 15일");
    expect(message.text).not.toMatch(/orders\/|Order|주문/);
    expect(/[가-힣]/.test(message.subject)).toBe(language === "ko");
    for (const value of Object.values(data))
      if (typeof value === "object" && "amount" in value)
        expect(message.text).toContain(value.amount.toLocaleString("en") + (language === "ko" ? "원" : ""));
    // A time is told in the shop's time zone, also where nothing but one sentence is shown.
    const later = { en: "January 18, 2026 at 12:04 GMT+9", ko: "2026년 1월 18일 12:04 GMT+9" }[language];
    const hasTime = ["nextAttemptAt", "endsAt", "expiresAt"].some((field) => field in data);
    expect([message.summary.includes(later), message.text.includes(later)]).toEqual([hasTime, hasTime]);
  });

  it.each(cases)("tells number, dates, total and tax in $name in $language", ({ name, language }) => {
    const { text, html } = render(name, language, templates[name].sample, "Mina");
    const facts = {
      en: [
        "Order number: M-2026-004217",
        "Ordered on: January 15, 2026 at 12:04 GMT+9",
        " on: January 15, 2026 at 12:04 GMT+9",
        "Order total, tax included: ₩39,000",
        "Tax in the total: ₩3,546",
      ],
      ko: [
        "주문 번호: M-2026-004217",
        "주문 일시: 2026년 1월 15일",
        "주문 금액 (세금 포함): 39,000원",
        "주문 금액 중 세금: 3,546원",
      ],
    };
    for (const fact of facts[language]) {
      expect(text).toContain(fact);
      for (const part of fact.split(": ")) expect(html).toContain(part);
    }
    const address = {
      en: "Delivery to: 김미나, 세종대로 110, 04524 서울, South Korea",
      ko: "배송지: 김미나, (04524) 대한민국 서울 세종대로 110",
    };
    expect(text.includes(address[language])).toBe(["order-confirmed", "order-shipped"].includes(name));
  });

  it.each(cases.filter(({ name }) => isCustomers(name)))(
    "links $name in $language to the order where the shop's pages are known",
    ({ name, language }) => {
      const { sample } = templates[name];
      const without = render(name, language, sample, "Mina");
      expect([without.preferences, without.html.includes("href"), without.text.includes("://")]).toEqual([
        null,
        false,
        false,
      ]);
      for (const shop of ["https://shop.example/ko", "https://shop.example/ko/", "https://shop.example/ko?x=1#y"]) {
        const { text, html, preferences } = render(name, language, sample, "Mina", shop);
        expect(preferences).toBe("https://shop.example/ko/notification-preferences");
        for (const link of [`https://shop.example/ko/orders/${sample.orderId}`, preferences]) {
          expect(text).toContain(link);
          expect(html).toContain(`href="${link}"`);
        }
      }
    },
  );

  it.each(cases)("writes $name in $language when the order is not known", ({ name, language }) => {
    const { text } = renderWith(name, language, templates[name].sample, { ...around, order: undefined });
    expect(text).not.toMatch(/undefined|null|NaN/);
    expect(text).toContain("00000001");
  });

  it.each(cases)("escapes what people wrote in $name in $language", ({ name, language }) => {
    const hostile = `<script>alert("1")</script>`;
    const data = JSON.parse(JSON.stringify(templates[name].sample), (key, value: unknown) =>
      key === "name" || key === "orderId" ? hostile : value,
    ) as unknown;
    const { html } = render(name, language, data, "<b>Mina</b>".replace("/", ""));
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
  });

  it("names the goods and what each costs", () => {
    const { text } = render("order-confirmed", "en", templates["order-confirmed"].sample, "Mina");
    expect(text).toContain("Celadon tea cup, ₩12,000 × 2: ₩24,000");
  });

  it("explains a cancellation it knows the reason of, and shows no code otherwise", () => {
    const { sample } = templates["order-cancelled"];
    const because = (code: string) =>
      render("order-cancelled", "en", { ...sample, reason: { code, message: "x" } }, "Mina").text;
    expect(because("PRODUCT_OUT_OF_STOCK")).toContain("no longer in stock");
    expect(because("PAYMENT_DECLINED")).toContain("was declined");
    expect(because("INTERNAL_ERROR")).not.toContain("INTERNAL_ERROR");
  });
});

describe("layout", () => {
  const page = {
    subject: "S",
    name: "M\nX",
    paragraphs: ["one\n\nTotal: ₩0"],
    items: [],
    rows: [["a & b", "'c'"]],
    link: null,
    preferences: null,
    isSecurity: false,
  } as const;

  it("keeps a value on one line of the text, so that it cannot forge another", () => {
    expect(toText(page, "en").split("\n").slice(0, 3)).toEqual(["Hello M X,", "", "one Total: ₩0"]);
  });

  it("escapes labels and values", () => {
    const html = toHtml(page, "ko");
    expect(html).toContain(">a &amp; b</td>");
    expect(html).toContain(">&#39;c&#39;</td>");
  });
});

describe("numbers and times", () => {
  it("are short, and the same however the id is written", () => {
    expect(orderNumber({ orderId: "01980000-0000-7000-8000-0000abcdef01" })).toBe("ABCDEF01");
  });

  it.each([
    ["en", "UTC", "January 1, 2026 at 00:30 UTC"],
    ["en", "Asia/Seoul", "January 1, 2026 at 09:30 GMT+9"],
    ["en", "America/New_York", "December 31, 2025 at 19:30 EST"],
    ["ko", "UTC", "2026년 1월 1일 00:30 UTC"],
    ["ko", "Asia/Seoul", "2026년 1월 1일 09:30 GMT+9"],
  ] as const)("are told in %s in %s as %s", (language, timeZone, text) => {
    expect(formatTime("2026-01-01T00:30:00.000Z", language, timeZone)).toBe(text);
  });
});
