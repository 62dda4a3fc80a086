/** A hundred times `kill -9` while subscriptions are renewed: each period is charged once. */
import { ServicesApart } from "../support/faults/breakable-deployment.ts";
import { RenewalRun } from "../support/faults/renewal-run.ts";

it("charges each period of two years once in 100 kills of the platform and the payment provider", async () => {
  for (let round = 0; round < 4; round += 1) expect(await RenewalRun.survive(25)).toEqual([]);
}, 3_600_000);

it("charges each period once in 60 kills of account, payment and provider apart from each other", async () => {
  for (let round = 0; round < 2; round += 1) expect(await RenewalRun.survive(30, ServicesApart.start)).toEqual([]);
}, 3_600_000);
