/** `kill -9` at any moment: nothing that was answered is lost, and every order comes to its end by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client, orderOf } from "../support/actors/client.ts";
import { violationsAtRest } from "../support/invariants/invariants.ts";
import { Platform } from "../support/systems/platform.ts";
import { KillRun } from "../support/faults/kill-run.ts";

it("loses nothing and leaves nothing half done in 10 kills under load", async () => {
  await KillRun.survive(10);
}, 1_200_000);

it("starts whole after its first start was killed again and again", async () => {
  const dataDir = process.env.DATA_DIR!;
  for (let delay = 60; delay <= 600; delay += 60) {
    const doomed = await Platform.launch({ dataDir });
    await sleep(delay);
    await doomed.end("SIGKILL");
  }
  const platform = await Platform.start({ dataDir });
  const accounts = await platform.accounts();
  const buyer = await new Client(platform.url).as(accounts[0]!);
  const { body } = await buyer.get<{ items: { id: string }[] }>("/products");
  expect(await buyer.post("/orders", orderOf(body.items[0]!.id))).toMatchObject({ status: 201 });
  expect(await violationsAtRest(dataDir)).toEqual([]);
  await platform.dispose();
});
