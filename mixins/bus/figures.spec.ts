import { ServiceBroker } from "moleculer";
import { metricLines } from "../node/metric-sources.ts";
import { observe } from "./figures.ts";

const dead = (labels: string) => `madang_inbox_dead_letters{${labels}}`;

describe("figures", () => {
  it("are asked when they are read, once for all who read at that moment, and no more when they are removed", async () => {
    const broker = new ServiceBroker({ logger: false });
    let asked = 0;
    const ask = async () => [(asked += 1), 0];
    const remove = observe(broker, "a", ["madang_inbox_dead_letters", "madang_inbox_waiting_events"], ask);
    expect(asked).toBe(0);
    const [first, second] = await Promise.all([metricLines(broker), metricLines(broker)]);
    expect(first).toEqual(second);
    expect(first.filter((line) => line.startsWith("madang"))).toEqual([
      `${dead("a")} 1`,
      "madang_inbox_waiting_events{a} 0",
    ]);
    expect(await metricLines(broker)).toContain(`${dead("a")} 2`);
    remove();
    expect(await metricLines(broker)).toEqual([]);
    expect(asked).toBe(2);
  });

  it("that cannot be read, or not in time, keep nobody from the others", async () => {
    const broker = new ServiceBroker({ logger: false });
    observe(broker, "lost", ["madang_inbox_dead_letters"], () => Promise.reject(new Error("The database is away.")));
    observe(broker, "frozen", ["madang_inbox_dead_letters"], () => new Promise(() => {}));
    observe(broker, "fine", ["madang_inbox_dead_letters"], async () => [3]);
    const figures = (await metricLines(broker)).filter((line) => line.startsWith("madang"));
    expect(figures).toEqual([`${dead("fine")} 3`]);
  });
});
