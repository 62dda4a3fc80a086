/** One local call through the whole stack, beside Moleculer's own. */
import { ServiceBroker } from "moleculer";
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict, Text } from "#core/schema.ts";
import config from "../moleculer.config.ts";
import type { Benchmark } from "./support/table.ts";

const CALLS = 200_000;
const ROUNDS = 5;

const echo = defineContract("echo", {
  summary: "Answers what it is told",
  actions: {
    say: action({
      summary: "Say it",
      auth: "public",
      input: Strict({ text: Text(100) }),
      output: Type.Object({ text: Type.String() }),
    }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    echo: typeof echo;
  }
}

const say = (ctx: { params: { text: string } }) => ({ text: ctx.params.text });

/** Microseconds a call, the best of the rounds: what disturbs a round only makes it slower. */
async function measure(broker: ServiceBroker, name: string): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    for (let call = 0; call < CALLS / ROUNDS; call++) await broker.call(name, { text: "안녕하세요" });
    best = Math.min(best, ((performance.now() - began) * 1000) / (CALLS / ROUNDS));
  }
  return best;
}

async function started(options: object, services: object[]): Promise<ServiceBroker> {
  const broker = new ServiceBroker({ ...options, logger: false });
  for (const service of services) broker.createService(service as never);
  await broker.start();
  return broker;
}

export const benchmark: Benchmark = {
  title: "A local call",
  async run() {
    const plain = { name: "echo", actions: { say } };
    const observed = { metrics: { enabled: true }, tracing: { enabled: true } };
    const brokers = {
      bare: await started({}, [plain]),
      observed: await started(observed, [plain]),
      madang: await started(config, [implement(echo, { actions: { say: (ctx) => say(ctx) } })]),
    };
    const bare = await measure(brokers.bare, "echo.say");
    const withMetrics = await measure(brokers.observed, "echo.say");
    const madang = await measure(brokers.madang, "echo.say");
    await Promise.all(Object.values(brokers).map((broker) => broker.stop()));
    const micro = (value: number) => `${value.toFixed(2)} µs`;
    return [
      { what: "bare Moleculer", value: micro(bare), ratio: madang / bare },
      {
        what: "Moleculer with metrics and tracing",
        value: micro(withMetrics),
        ratio: madang / withMetrics,
        target: "≤ 1.50 ×",
      },
      { what: "Madang: validation, auth, metrics, tracing", value: micro(madang) },
    ];
  },
};
