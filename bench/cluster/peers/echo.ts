/** What all peers of the remote-call benchmark say and answer, and how a client asks. */
import { createInterface } from "node:readline";

/** About what one step of an order carries. */
export const question = {
  orderId: "019aa000-0000-7000-8000-000000000001",
  items: [{ productId: "019aa000-0000-7000-8000-000000000002", quantity: 3 }],
};
export const answer = { orderId: question.orderId, status: "held", expiresAt: "2026-01-01T00:00:00.000Z" };

/** Calls under way at the same time. */
const IN_FLIGHT = 64;

/** @returns calls per second */
async function measure(ask: () => Promise<unknown>, calls: number): Promise<number> {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await ask();
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return (calls / (performance.now() - began)) * 1000;
}

/** A client process: says that it is ready, then measures as many calls as each line of its input asks for. */
export async function client(ask: () => Promise<unknown>): Promise<void> {
  await ask();
  console.log("ready");
  for await (const line of createInterface({ input: process.stdin })) console.log(await measure(ask, Number(line)));
  process.exit(0);
}

/** A server process: says that it is ready, and ends with its parent. */
export function serving(): void {
  console.log("ready");
  process.stdin.resume().on("end", () => process.exit(0));
}
