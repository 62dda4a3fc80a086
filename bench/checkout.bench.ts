/** Checkout over HTTP, the whole saga with every commit on disk, beside the same rows written by bare node:sqlite. */
import type { Result } from "./support/load.ts";
import { openShop } from "./support/shop.ts";
import { cpuTime } from "./support/process.ts";
import { writeBare } from "./support/rows.ts";
import type { Benchmark } from "./support/table.ts";

const SECONDS = 30;
const SAMPLE = 2000;

function allConfirmed(result: Result): Result {
  const { requests, statuses } = result;
  if (statuses["201"] !== requests) throw new Error(`Not every order was confirmed: ${JSON.stringify(statuses)}.`);
  return result;
}

/** @returns orders per second that use a coupon and points, with tax and shipping */
async function withBenefits(): Promise<number> {
  const { platform, checkout, offerBenefits } = await openShop();
  const benefits = await offerBenefits();
  await checkout(3, benefits);
  const { perSecond } = allConfirmed(await checkout(SECONDS, benefits));
  await platform.dispose();
  return perSecond;
}

export const benchmark: Benchmark = {
  title: `POST /orders, whole saga, 64 clients, synchronous=FULL, ${SECONDS} s`,
  async run() {
    const { platform, checkout } = await openShop();
    await checkout(3);
    const before = cpuTime(platform.pid);
    const { perSecond, p50, p99, requests } = allConfirmed(await checkout(SECONDS));
    const cpu = (cpuTime(platform.pid) - before) / requests;
    await platform.end();
    const [single, grouped] = [writeBare(platform.dataDir, SAMPLE, 1), writeBare(platform.dataDir, SAMPLE, 16)];
    await platform.dispose();
    const whole = await withBenefits();
    const orders = (value: number) => `${Math.round(value).toLocaleString("en")} orders/s`;
    return [
      { what: "Madang", value: orders(perSecond), target: "≥ 800, aim 2,000" },
      { what: "p50, p99", value: `${p50.toFixed(1)} ms, ${p99.toFixed(1)} ms` },
      { what: "processor time of an order", value: `${cpu.toFixed(2)} ms` },
      {
        what: "with points, a coupon, tax and shipping",
        value: orders(whole),
        ratio: whole / perSecond,
        target: "≥ 0.8",
      },
      { what: "bare rows, a commit an order", value: orders(single), ratio: perSecond / single },
      { what: "bare rows, a commit every 16 orders", value: orders(grouped), ratio: perSecond / grouped },
    ];
  },
};
