/** What a provider may say: every field with every value that no charge can have, and every way to contradict a payment. */
import { otherValues, wrongValues } from "../../test/support/faults/wrong-provider-answers.ts";
import { answers, type Charge, differingFields, isOf, readNews } from "./charge.model.ts";

const charge: Charge = {
  id: "charge-1",
  reference: "order-1",
  status: "captured",
  currency: "KRW",
  authorized: 10_000,
  captured: 10_000,
  refunded: 0,
  reason: null,
  actionUrl: null,
};
const ours = {
  order_id: "order-1",
  charge_id: "charge-1",
  status: "requires_capture",
  currency: "KRW",
  amount: 10_000,
  captured: 0,
  claimed: 0,
  refunded: 0,
} as const;
const taken = { ...ours, status: "succeeded", captured: 10_000, claimed: 10_000 } as const;
const each = (list: typeof wrongValues) =>
  list.flatMap(([field, values]) => values.map((value) => [field, value] as [keyof Charge, unknown]));
const accepts = (check: keyof typeof answers, answer: unknown): boolean => {
  try {
    const ask: (answer: unknown) => void = answers[check];
    ask(answer);
    return true;
  } catch {
    return false;
  }
};

describe("an answer of the provider", () => {
  it.each(each(wrongValues))("is none with %s %j", (field, value) => {
    expect(accepts("charge", { ...charge, [field]: value })).toBe(false);
    expect(accepts("chargeOrNull", { ...charge, [field]: value })).toBe(false);
    expect(accepts("ledger", { items: [{ ...charge, [field]: value }], nextCursor: null })).toBe(false);
    expect(() => readNews({ id: "1", type: "charge.captured", charge: { ...charge, [field]: value } })).toThrow();
  });

  it.each(Object.keys(charge))("is none without %s", (field) => {
    expect(accepts("charge", { ...charge, [field]: undefined })).toBe(false);
  });

  it.each([null, undefined, [], "captured", 7, {}, true])("is none when it is %j", (answer) => {
    expect(accepts("charge", answer)).toBe(false);
    expect(accepts("chargeOrNull", answer)).toBe(answer === null);
  });

  it.each([
    [{ brand: "visa", last4: "4242" }, true],
    [null, true],
    [{ brand: "visa", last4: "4242424242424242" }, false],
    [{ brand: "4242424242424242", last4: "4242" }, false],
    [{ last4: "4242" }, false],
  ])("to what a token stands for: %j is taken: %s", (answer, isTaken) => {
    expect(accepts("labelOrNull", answer)).toBe(isTaken);
  });

  it("may say more than we know", () => {
    expect(accepts("charge", { ...charge, network: "visa" })).toBe(true);
  });

  it("is told without its values", () => {
    expect(() => answers.charge({ ...charge, reason: "4242 4242 4242 4242" })).toThrow(/^\/reason (?!.*4242)/);
  });
});

describe("differingFields", () => {
  it("are none for what we know", () => {
    expect(differingFields(ours, charge)).toEqual([]);
    const authorized = { ...charge, status: "authorized", captured: 0 } as const;
    expect(differingFields({ ...ours, charge_id: null, status: "processing" }, authorized)).toEqual([]);
    for (const status of ["requires_action", "processing", "declined", "voided"] as const)
      expect(differingFields({ ...ours, status: "processing" }, { ...authorized, status, authorized: 0 })).toEqual([]);
    expect(differingFields({ ...taken, refunded: 4000 }, { ...charge, refunded: 4000 })).toEqual([]);
  });

  const others = each(otherValues).filter(([field, value]) => charge[field] !== value);
  it.each(others)("name what is wrong with %s %j", (field, value) => {
    expect(differingFields(taken, { ...charge, [field]: value })).not.toEqual([]);
    expect(differingFields(ours, { ...charge, [field]: value })).not.toEqual([]);
  });

  it.each([
    ["authorized", 9_999],
    ["authorized", 0],
    ["requires_action", 10_000],
    ["voided", 10_000],
  ] as const)("name the amount of a charge that is %s and holds %i", (status, authorized) => {
    expect(differingFields(ours, { ...charge, status, authorized, captured: 0 })).toEqual(["authorized"]);
  });

  it("name the status when the provider has given up what it has taken", () => {
    const voided = { ...charge, status: "voided", authorized: 0, captured: 0 } as const;
    expect(differingFields(taken, voided)).toEqual(["status"]);
    expect(differingFields({ ...ours, status: "cancelled" }, voided)).toEqual([]);
  });
});

describe("what was captured in parts", () => {
  const part = { ...ours, captured: 3000, claimed: 7000 };
  it.each([
    ["authorized", [3000, 7000]],
    ["captured", [3000, 7000]],
    ["voided", []],
  ] as const)("of a charge that is %s is what we know of or asked for: %j", (status, accepted) => {
    const told = (captured: number) =>
      differingFields(part, { ...charge, status, captured, authorized: status === "voided" ? 0 : 10_000 });
    const sums = [0, 1, 3000, 4000, 6999, 7000, 7001, 10_000];
    expect(sums.filter((sum) => told(sum).length === 0)).toEqual(accepted);
  });

  it("stays what it was when the rest was released", () => {
    const released = { ...taken, captured: 3000, claimed: 3000 };
    expect(differingFields(released, { ...charge, captured: 3000 })).toEqual([]);
    expect(differingFields(released, charge)).toEqual(["captured"]);
  });
});

describe("isOf", () => {
  it("knows another order's charge, and another charge of the order", () => {
    expect(isOf(ours, charge)).toBe(true);
    expect(isOf({ ...ours, charge_id: null }, { ...charge, id: "charge-2" })).toBe(true);
    expect(isOf(ours, { ...charge, id: "charge-2" })).toBe(false);
    expect(isOf({ ...ours, charge_id: null }, { ...charge, reference: "order-2" })).toBe(false);
  });
});
