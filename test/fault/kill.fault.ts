/** The kills of kill.spec.ts, for longer. */
import { KillRun } from "../support/faults/kill-run.ts";

it("loses nothing and leaves nothing half done in 200 kills", async () => {
  await KillRun.survive(200);
}, 1_800_000);
