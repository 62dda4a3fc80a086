/** Kills while orders are sent, cancelled and returned in part: goods and money are right afterwards. */
import { FulfilmentRun } from "../support/faults/fulfilment-run.ts";

it("gives back each unit and its price once in 100 kills", async () => {
  await FulfilmentRun.survive(100);
}, 1_800_000);
