/** Publishes events at a steady rate and handles them in another node of the same process, so that both use one clock. */
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import Type from "typebox";
import { newId } from "#core/id.ts";
import { action, defineContract, event } from "#core/contract.ts";
import { Id, Strict } from "#core/schema.ts";
import { implement } from "#core/implement.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { inbox as inboxBlock } from "#mixins/inbox/inbox.contract.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { outbox as outboxBlock } from "#mixins/outbox/outbox.contract.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import config from "../../../moleculer.config.ts";

const ticker = defineContract("ticker", {
  summary: "Tells of every tick",
  blocks: [outboxBlock],
  actions: { tick: action({ summary: "Tick", auth: "public", input: Strict({ id: Id }), output: Type.Null() }) },
  events: { ticked: event({ version: 1, summary: "It ticked", data: Strict({ id: Id }) }) },
});
declare module "#core/contract.ts" {
  interface Contracts {
    ticker: typeof ticker;
  }
}

const [rate, seconds] = process.argv.slice(2).map(Number) as [number, number];
const committed = new Map<string, number>();
const handled = new Map<string, number>();

const publisher = implement(ticker, {
  mixins: [database(), outbox()],
  actions: {
    async tick(ctx) {
      const { id } = ctx.params;
      await this.db.write(async (tx) => tx.add(this.outbox.event(ctx, "ticker.ticked", `tick:${id}`, { id })));
      committed.set(id, performance.now());
      return null;
    },
  },
});
const subscriber = implement(
  defineContract("listener", {
    summary: "Hears every tick",
    blocks: [inboxBlock],
    subscribes: ["ticker.ticked"],
    actions: {},
  }),
  {
    mixins: [database(), inbox()],
    actions: {},
    events: { "ticker.ticked": ({ data }) => void handled.set(data.id, performance.now()) },
  },
);

/** The two meet on the bus alone. */
async function node(nodeID: string, service: ServiceSchema): Promise<ServiceBroker> {
  const broker = new ServiceBroker({ ...config, logger: false, nodeID, transporter: null as never });
  broker.createService(service);
  await broker.start();
  return broker;
}

/** Milliseconds from the commit to the handler, of every event in order of size. */
async function measure(broker: ServiceBroker): Promise<number[]> {
  committed.clear();
  handled.clear();
  const began = performance.now();
  const ticks: Promise<unknown>[] = [];
  for (let sent = 0; sent < rate * seconds; sent += 1) {
    const early = began + (sent / rate) * 1000 - performance.now();
    if (early > 0) await sleep(early);
    ticks.push(broker.call("ticker.tick", { id: newId() }));
  }
  await Promise.all(ticks);
  while (handled.size < committed.size) await sleep(10);
  const delays = [...committed].map(([id, at]) => Math.max(0, handled.get(id)! - at));
  return delays.toSorted((a, b) => a - b);
}

const brokers = [await node("ticker", publisher), await node("listener", subscriber)] as const;
await measure(brokers[0]);
console.log(JSON.stringify(await measure(brokers[0])));
await Promise.all(brokers.map((broker) => broker.stop()));
process.exit(0);
