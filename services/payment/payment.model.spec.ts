/** The rules of payments, without a database. */
import { Clock } from "../../test/support/fixtures/clock.ts";
import {
  canBecome,
  chargeStatuses,
  follow,
  isFinal,
  isStray,
  nextCheck,
  paymentStatuses,
  readMethod,
  transitions,
} from "./payment.model.ts";

describe("the transition table", () => {
  const allowed = new Set([
    "processing → requires_action",
    "processing → requires_capture",
    "processing → succeeded",
    "processing → failed",
    "processing → cancelled",
    "requires_action → processing",
    "requires_action → requires_capture",
    "requires_action → succeeded",
    "requires_action → failed",
    "requires_action → cancelled",
    "requires_capture → succeeded",
    "requires_capture → cancelled",
  ]);

  it.each(paymentStatuses.flatMap((from) => paymentStatuses.map((to) => [from, to] as const)))(
    "%s → %s",
    (from, to) => {
      expect(canBecome(from, to)).toBe(allowed.has(`${from} → ${to}`));
    },
  );

  it("knows every state, and ends in three of them", () => {
    expect(Object.keys(transitions).toSorted()).toEqual(paymentStatuses.toSorted());
    expect(paymentStatuses.filter(isFinal)).toEqual(["succeeded", "failed", "cancelled"]);
  });
});

describe("follow", () => {
  it.each(paymentStatuses.flatMap((status) => chargeStatuses.map((charge) => [status, charge] as const)))(
    "%s hears %s: moves as the table allows, or stays",
    (status, charge) => {
      const next = follow(status, charge);
      expect(next === status || canBecome(status, next)).toBe(true);
    },
  );

  it.each([
    ["processing", "authorized", "requires_capture"],
    ["processing", "declined", "failed"],
    ["requires_action", "voided", "cancelled"],
    ["requires_capture", "captured", "succeeded"],
    ["requires_capture", "processing", "requires_capture"],
    ["succeeded", "authorized", "succeeded"],
    ["cancelled", "captured", "cancelled"],
  ] as const)("%s hears %s and is %s", (status, charge, expected) => {
    expect(follow(status, charge)).toBe(expected);
  });
});

describe("isStray", () => {
  const charge = (status: (typeof chargeStatuses)[number], captured = 0, refunded = 0) => ({
    status,
    captured,
    refunded,
  });

  it("finds money that the provider holds for a payment that came to nothing", () => {
    expect(isStray("cancelled", charge("authorized"))).toBe(true);
    expect(isStray("cancelled", charge("processing"))).toBe(true);
    expect(isStray("failed", charge("captured", 100, 40))).toBe(true);
  });

  it("leaves alone what was given back, and what is wanted", () => {
    expect(isStray("cancelled", charge("voided"))).toBe(false);
    expect(isStray("cancelled", charge("captured", 100, 100))).toBe(false);
    expect(isStray("succeeded", charge("captured", 100))).toBe(false);
    expect(isStray("requires_capture", charge("authorized"))).toBe(false);
  });
});

describe("nextCheck", () => {
  const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
  const wait = (age: number) => nextCheck(ago(age), 5000) - Date.now();

  it("waits as long as the payment is old, at least the first pause and at most an hour", () => {
    new Clock().stop();
    expect([0, 60_000, 86_400_000].map(wait)).toEqual([5000, 60_000, 3_600_000]);
    jest.restoreAllMocks();
  });
});

describe("readMethod", () => {
  it("reads tokens and ids of saved methods", () => {
    expect(readMethod("tok_success")).toEqual({ token: "tok_success" });
    const key = "toss_basket-1@tviva20240929023432W1xL2";
    expect(readMethod(key)).toEqual({ token: key });
    expect(readMethod("0198C0DE-0000-7000-8000-123456789012")).toEqual({
      saved: "0198c0de-0000-7000-8000-123456789012",
    });
  });

  it.each([
    "4242424242424242",
    "4242 4242 4242 4242",
    "4242-4242-4242-4242",
    "tok_4242424242424242",
    "tok_4242_4242_4242_4242",
    "toss_basket-1@4242424242424242",
    "toss_basket-1",
    "tok_Success",
    "tok_",
    "card",
    "",
  ])("refuses %j", (text) => {
    expect(readMethod(text)).toBeNull();
  });
});
