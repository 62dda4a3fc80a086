/** A thousand want what a hundred can have, at several gateways: nobody is sold what is not there, or sold it twice. */
import { buyAtOnce, sendToAll } from "../support/actors/simultaneous-buyers.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

const UNITS = 100;
const BUYERS = 1000;
const KEYS = 300;

// Within, so that it is closed before its folder is removed.
describe("three nodes of each service", () => {
  let run: AvailabilityRun;
  beforeAll(async () => {
    run = await AvailabilityRun.open({ nodes: 3 });
  });
  afterAll(() => run.close());
  afterEach(async () => expect(await run.violations()).toEqual([]), 90_000);

  it("sell a hundred units to a hundred of a thousand buyers", async () => {
    const id = await run.newProduct(UNITS);
    const began = performance.now();
    const ends = await buyAtOnce(run.cluster.urls, id, BUYERS);
    process.stdout.write(`flash sale: ${JSON.stringify(ends)} after ${Math.round(performance.now() - began)} ms\n`);
    expect(ends["confirmed"]).toBe(UNITS);
    expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(BUYERS);
    expect(await run.stockOf(id)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("make one order of a key that is sent to all gateways at once, and everybody is answered with it", async () => {
    const id = await run.newProduct(KEYS);
    for (let sent = 0; sent < KEYS; sent += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => sendToAll(run.cluster.urls, id)));
      for (const one of answers) expect(one).toEqual([expect.stringMatching(/^201 /)]);
    }
    expect(await run.stockOf(id)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });
});
