import { checkRules, feeOf, ruleFor } from "./shipping.model.ts";

const step = (from: number, fee: number) => ({ from, fee });
const korea = { name: "Korea", country: "KR", steps: [step(50_000, 0), step(0, 3000)] };
const abroad = { name: "Abroad", steps: [step(0, 20_000)] };

describe("shipping", () => {
  it("is by the country's own rule, else by the one for all others, else there is none", () => {
    expect(ruleFor([abroad, korea], "KR")).toBe(korea);
    expect(ruleFor([korea, abroad], "JP")).toBe(abroad);
    expect(ruleFor([korea, abroad], undefined)).toBe(abroad);
    expect(ruleFor([korea], "JP")).toBeUndefined();
  });

  it("costs what the last step says that the subtotal reaches, in whatever order they are", () => {
    expect([0, 49_999, 50_000, 1_000_000].map((subtotal) => feeOf(korea, subtotal))).toEqual([3000, 3000, 0, 0]);
    expect(feeOf({ name: "x", steps: [step(100, 5)] }, 99)).toBe(0);
  });

  it("is refused with RULES_AMBIGUOUS where two could apply", () => {
    const refused = expect.objectContaining({ type: "ORDER_RULES_AMBIGUOUS" });
    expect(() => checkRules([abroad, korea])).not.toThrow();
    expect(() => checkRules([korea, korea])).toThrow(refused);
    expect(() => checkRules([abroad, abroad])).toThrow(refused);
    expect(() => checkRules([{ ...abroad, steps: [step(0, 1), step(0, 2)] }])).toThrow(refused);
  });
});
