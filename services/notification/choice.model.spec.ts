import { defaultPreferences, isTimeZone, isWanted, quietUntil } from "./choice.model.ts";
import { readToken, writeToken } from "./unsubscription.model.ts";

const SEOUL = "Asia/Seoul";
const night = { from: "22:00", to: "08:00", timeZone: SEOUL };

describe("quietUntil", () => {
  it.each([
    ["before them", "2026-01-15T12:59:59Z", null],
    ["when they begin", "2026-01-15T13:00:00Z", "2026-01-15T23:00:00.000Z"],
    ["after midnight", "2026-01-15T16:30:30Z", "2026-01-15T23:00:00.000Z"],
    ["in their last minute", "2026-01-15T22:59:59Z", "2026-01-15T23:00:00.000Z"],
    ["when they are over", "2026-01-15T23:00:00Z", null],
  ])("%s", (_, at, until) => {
    const found = quietUntil(night, Date.parse(at));
    expect(found === null ? null : new Date(found).toISOString()).toBe(until);
  });

  it("knows hours within a day, and none between two equal times", () => {
    const noon = { from: "12:00", to: "13:00", timeZone: "UTC" };
    expect(quietUntil(noon, Date.parse("2026-01-15T12:30:00Z"))).toBe(Date.parse("2026-01-15T13:00:00Z"));
    expect(quietUntil(noon, Date.parse("2026-01-15T13:00:00Z"))).toBeNull();
    expect(quietUntil({ ...noon, to: "12:00" }, Date.parse("2026-01-15T12:00:00Z"))).toBeNull();
  });

  it("takes time zones that there are", () => {
    expect([isTimeZone(SEOUL), isTimeZone("Asia/Soul")]).toEqual([true, false]);
  });
});

describe("isWanted", () => {
  const all = { email: true, sms: true, push: true };
  const none = { email: false, sms: false, push: false };
  it.each([
    ["as the channel says", all, "sms", "orders", false, true],
    ["not on another channel", none, "email", "orders", false, false],
    [
      "not of a kind that is not wanted there",
      { ...all, kinds: { orders: { sms: false } } },
      "sms",
      "orders",
      false,
      false,
    ],
    ["though on another", { ...all, kinds: { orders: { sms: false } } }, "push", "orders", false, true],
    ["no reminder that nobody asked for", defaultPreferences, "email", "reminders", false, false],
    ["one that was asked for", { ...all, kinds: { reminders: { email: true } } }, "email", "reminders", false, true],
    ["urgent by e-mail in any case", none, "email", "subscriptions", true, true],
    ["urgent on no other channel that is not wanted", none, "sms", "subscriptions", true, false],
    ["about security by e-mail", none, "email", null, true, true],
    ["about security by nothing else", all, "sms", null, true, false],
  ] as const)("%s", (_, preferences, channel, kind, isUrgent, expected) => {
    expect(isWanted(preferences, { channel, kind, isUrgent })).toBe(expected);
  });
});

describe("the token of a link", () => {
  const of = { userId: "01980000-0000-7000-8000-000000000003", kind: "payments" } as const;
  it("is read by whoever has the key, and no other token is", () => {
    const token = writeToken("key", of);
    expect(token).toMatch(/^[\w-]{66}$/);
    expect(readToken("key", token)).toEqual(of);
    expect(readToken("other", token)).toBeNull();
    for (const wrong of [
      "",
      "AA",
      token.slice(1),
      `${token.slice(0, -2)}AA`,
      writeToken("key", { ...of, kind: "nothing" as never }),
    ])
      expect(readToken("key", wrong)).toBeNull();
  });
});
