/** `kill -9` of the platform and of the payment provider while subscriptions are renewed: each period is charged once. */
import { RenewalRun } from "../support/faults/renewal-run.ts";

it("charges each period of two years once, though both are killed in between", async () => {
  expect(await RenewalRun.survive(3)).toEqual([]);
}, 600_000);
