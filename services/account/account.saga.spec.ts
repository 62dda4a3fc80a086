import type { Host } from "./account.saga.ts";
import { payInvoice } from "./account.saga.ts";

it("tells staff which invoice needs attention", () => {
  const said: string[] = [];
  const host = { logger: { error: (text: string) => said.push(text) } } as unknown as Host;
  const run = { id: "the-attempt", input: { invoiceId: "the-invoice" } } as Parameters<typeof payInvoice.parked>[0];
  const [write] = payInvoice.parked.call(host, run, { code: "REQUEST_TIMEOUT", message: "" });
  write!.afterCommit!();
  expect(said).toEqual([expect.stringContaining("the-invoice needs attention: REQUEST_TIMEOUT")]);
});

it("is patient enough for an outage of an hour, at most five seconds between two attempts", () => {
  expect(payInvoice.attempts! * 5).toBeGreaterThan(3600);
});
