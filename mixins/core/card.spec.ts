import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { holdsCardNumber, mayBeCard } from "./card.ts";

const number = "4242424242424242";
const parts = ["4242", "4242", "4242", "4242"];
const inDigitsFrom = (zero: number): string =>
  Array.from(number, (digit) => String.fromCodePoint(zero + Number(digit))).join("");

describe("holdsCardNumber", () => {
  it.each([
    number,
    "4222222222222",
    "378282246310005",
    "3782 822463 10005",
    "3056 930902 5904",
    "5555-5555-5555-4444",
    "2223003122003222",
    "50339619890917",
    "6205500000000000004",
    "6205 5000 0000 0000 004",
    `tok_${number}`,
    `x${number}y`,
    `+${number}`,
    `;${number}=1227`,
    "my card is 4242 4242 4242 4242 12/27 123",
    "카드번호: 4242 4242 4242 4242 입니다",
    "4242 42/42-424242.42",
    "42 42 42 42 42 42 42 42",
    "4242x4242x4242x4242",
    "4242 and 4242 and 4242 and 4242",
    "4242에4242에4242에4242",
    "4242&nbsp;4242&nbsp;4242&nbsp;4242",
    "4242%204242%204242%204242",
    "42424 24242 424242",
    "3056 9309 0259 04",
    "4,242,424,242,424,242",
    "IBAN DE00 4242 4242 4242 4242 42",
  ])("sees %s", (text) => expect(holdsCardNumber(text)).toBe(true));

  it.each([0xff10, 0x0660, 0x06f0, 0x0966, 0x0e50, 0x1d7ce, 0x1d7f6, 0x116d0, 0x116da])(
    "sees digits from U+%x on",
    (zero) => expect(holdsCardNumber(inDigitsFrom(zero))).toBe(true),
  );

  it.each([
    ...["④②", "⑷⑵", "⒋⒉", "❹❷", "➃➁", "⓸⓶", "፬፪", "四二"].map((two) => two.repeat(8)),
    `四${"〇".repeat(14)}二`,
    parts.join("-".repeat(40)),
    parts.join(" ".repeat(40)),
    "⁴²".repeat(8),
    "4\ufe0f\u20e32\ufe0f\u20e3".repeat(8),
  ])("sees %s", (text) => expect(holdsCardNumber(text)).toBe(true));

  it.each(Array.from(" -/.,_:|\\·*\n\t\u00a0\u00ad\u200b\u200d\u2010\u2013\u2014\u2212\u2060\u3000\ufeffー一ㅡ"))(
    "sees through %j",
    (between) => {
      for (const digits of [parts, Array.from(number)])
        for (const gap of [between, ` ${between} `, between.repeat(3)])
          expect(holdsCardNumber(digits.join(gap))).toBe(true);
    },
  );

  it.each([
    "",
    "tok_success",
    "4242424242424241",
    "1795233252275",
    "+49 151 23456784",
    "36, 37, 38, 39, 40, 41, 42, 43, 44, 45",
    "225 230 235 240 245 250 255 260 265 270",
    "4242424a24242424b2",
    "8141, 61129, 7684, 405",
    "IBAN DE89 3704 0044 0532 0130 00",
    "42424242-4242-4242-4242-424242424242",
  ])("lets %j pass", (text) => expect(holdsCardNumber(text)).toBe(false));

  const digits = (count: number): string => String(randomInt(10 ** count)).padStart(count, "0");
  /** With its check digit, which is Luhn's. */
  const imei = (body: string): string => {
    const doubled = Array.from(body, (digit, place) => (place % 2 ? Number(digit) * 2 : Number(digit)));
    const sum = doubled.reduce((total, one) => total + (one > 9 ? one - 9 : one), 0);
    return `${body}${(10 - (sum % 10)) % 10}`;
  };
  const iban = (account: string): string => {
    const check = String(98n - (BigInt(`${account}131400`) % 97n)).padStart(2, "0");
    return `DE${check}${account}`.replaceAll(/.{4}/g, "$& ").trim();
  };
  const time = (): Date => new Date(1_500_000_000_000 + randomInt(600_000_000_000));
  const plain = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ");

  it.each<[string, () => string]>([
    ["ids", randomUUID],
    ["refresh tokens", () => `${randomUUID()}.${randomInt(1000)}.${randomBytes(32).toString("base64url")}`],
    ["cursors", () => Buffer.from(JSON.stringify([randomInt(10 ** 12), randomUUID()])).toString("base64url")],
    ["hexadecimal ids", () => randomBytes(16).toString("hex")],
    ["times", () => time().toISOString()],
    ["milliseconds", () => String(time().getTime())],
    ["spans of time", () => `${plain(time())} - ${plain(time())}`],
    ["phone numbers", () => `010-${digits(4)}-${digits(4)}, 02-${digits(3)}-${digits(4)}`],
    ["calls from abroad", () => `+${randomInt(1, 100)}${digits(12)}`],
    [
      "addresses",
      () => `서울특별시 강남구 테헤란로 ${randomInt(600)}, ${randomInt(200)}동 ${digits(4)}호 (${digits(5)})`,
    ],
    ["telephones", () => imei(`35${digits(12)}`)],
    ["registered mail", () => `등기 6${digits(12)}, 6${digits(4)}-${digits(4)}-${digits(4)}`],
    ["parcels", () => `1Z${digits(8)}${digits(8)} 94${digits(10)}${digits(10)}`],
    ["bar codes", () => `5${digits(1) === "0" ? 1 : 4}${digits(11)} 97${digits(11)} 6${digits(12)}`],
    ["bank accounts", () => `3${digits(5)}-${digits(2)}-${digits(6)}, 352-${digits(4)}-${digits(4)}-${digits(2)}`],
    ["bank accounts abroad", () => iban(digits(9) + digits(9))],
    ["amounts", () => Array.from({ length: 6 }, () => `₩${randomInt(10 ** 9).toLocaleString("en")}`).join(" + ")],
    ["lists of amounts", () => Array.from({ length: 3 }, () => randomInt(10 ** 5)).join(", ")],
    ["places", () => `37.${digits(7)}, 127.${digits(7)}`],
    ["numbers of orders", () => `20${digits(2)}${digits(4)}-${digits(8)}`],
  ])("takes no %s for one", (_, make) => {
    const wrong = Array.from({ length: 20_000 }, make).filter(holdsCardNumber);
    expect(wrong).toEqual([]);
  });
});

describe("mayBeCard", () => {
  it.each([number, "4242 - 4242 - 4242 - 4243", "tok_5555555555554444", "50339619890917", "４２４２４２４２４２４２"])(
    "suspects %s",
    (text) => expect(mayBeCard(text)).toBe(true),
  );

  it.each(["tok_success", "tok_3ds", "pm_1NXWPnCo6bFb1KQt", "01980000-0000-7000-8000-000000000000", "010-1234-5678"])(
    "lets %s pass",
    (text) => expect(mayBeCard(text)).toBe(false),
  );
});
