/** The plans of the demo. Prices in won, with the tax of 10 % that they include. */
import type { Demo } from "#mixins/node/demo.ts";

const plan = (code: string, en: string, ko: string, amount: number, maxStreams: number, maxHeight: number) => ({
  code,
  name: { en, ko },
  interval: "month" as const,
  price: { amount, currency: "KRW" as const },
  taxRate: 1000,
  maxStreams,
  maxHeight,
  regions: [],
  trialDays: 14,
});

const plans = [
  plan("basic", "Basic", "베이직", 7_900, 1, 480),
  plan("standard", "Standard", "스탠다드", 11_900, 2, 720),
  plan("premium", "Premium", "프리미엄", 15_900, 4, 1080),
  { ...plan("premium-year", "Premium, a year", "프리미엄 연간", 159_000, 4, 1080), interval: "year" as const },
];

export const demo: Demo = async (ctx) => {
  await ctx.call("account.seed", { plans });
  return [];
};
