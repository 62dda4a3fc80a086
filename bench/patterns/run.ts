/**
 * `npm run bench:patterns`: one business call by every pattern. With `--write` the tables and the chart of docs/guide/patterns.md
 * are those of this run.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Speed } from "./measure.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { openPairs, type Pair } from "./pairs.ts";
import { publish, tables } from "./page.ts";
import type { LoadName, Result } from "./result.ts";

/** Milliseconds. */
const WARM_UP = 700;
const ROUND = 1500;
const ROUNDS = 2;
const BEFORE = 2000;
const AWAY = 5000;
const AFTER = 5000;
/** After which what is not held is lost: longer than any pattern waits before it tries again. */
const LONGEST = 40_000;

const loads = {
  one: { inFlight: 1, bytes: 1024 },
  many: { inFlight: 64, bytes: 1024 },
  oneLarge: { inFlight: 1, bytes: 65_536 },
  manyLarge: { inFlight: 64, bytes: 65_536 },
} as const satisfies Record<LoadName, object>;

const began = performance.now();
function tell(what: string): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(3);
  process.stderr.write(`\r\u001B[K${seconds} s  ${what}`);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const cpuOf = ({ shop, depot, broker }: Pair) => [shop.cpu, depot?.cpu ?? 0, broker()] as const;

async function measured(pair: Pair, name: string, load: LoadName) {
  const ask = (milliseconds: number) => pair.shop.ask("speed", { name, ...loads[load], milliseconds });
  await ask(WARM_UP);
  const before = cpuOf(pair);
  const rounds: Speed[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ask(ROUND));
  const after = cpuOf(pair);
  const orders = rounds.reduce((sum, one) => sum + one.orders, 0);
  const speed = {
    orders,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50: median(rounds.map(({ p50 }) => p50)),
  };
  const cpu = after.map((one, side) => ((one - before[side]!) / orders) * 1000);
  return { speed, cpu: cpu as [number, number, number] };
}

async function speedsOf(pair: Pair, name: string): Promise<Result> {
  const entries = [];
  for (const load of Object.keys(loads) as LoadName[]) {
    tell(`${name}: ${loads[load].inFlight} in flight, ${loads[load].bytes / 1024} KB`);
    entries.push([load, await measured(pair, name, load)] as const);
  }
  tell(`${name}: 10,000 items`);
  const stream = await pair.shop.ask("stream", { name });
  const all = Object.fromEntries(entries) as Record<LoadName, Awaited<ReturnType<typeof measured>>>;
  const speed = Object.fromEntries(entries.map(([load, one]) => [load, one.speed])) as Record<LoadName, Speed>;
  return { name, speed, cpu: all.many.cpu, stream };
}

type Fault = "frozen" | "killed";

async function breakDepots(pairs: readonly Pair[], fault: Fault): Promise<void> {
  const depots = pairs.flatMap(({ depot }) => depot ?? []);
  await sleep(BEFORE);
  tell(`every depot is ${fault} for five seconds`);
  for (const depot of depots) depot.signal(fault === "frozen" ? "SIGSTOP" : "SIGKILL");
  await sleep(AWAY);
  if (fault === "frozen") for (const depot of depots) depot.signal("SIGCONT");
  else await Promise.all(depots.map((depot) => depot.restart()));
}

/** All pairs at once: they disturb each other less than it would take to wait for each. */
async function outcomesOf(pairs: readonly Pair[], fault: Fault): Promise<Map<string, Outcome>> {
  const two = pairs.filter(({ depot }) => depot !== null);
  const label = (name: string) => `${name}-${fault}`;
  const breaking = breakDepots(two, fault);
  const passing = two.flatMap(({ names, shop }) =>
    names.map((name) => shop.ask("pass", { name: label(name), milliseconds: BEFORE + AWAY + AFTER })),
  );
  const passed = await Promise.all(passing);
  await breaking;
  tell(`${fault}: waiting for what comes late`);
  const deadline = performance.now() + LONGEST;
  const look = () =>
    Promise.all(two.flatMap(({ names, depot }) => names.map((name) => depot!.ask("held", { name: label(name) }))));
  for (;;) {
    const held = await look();
    const isAllThere = held.every((rows, index) => {
      const there = new Set(rows.map((row) => row.order_id));
      return passed[index]!.every(({ orderId, toldAt }) => toldAt === null || there.has(orderId));
    });
    // What comes once more comes a moment later.
    if (isAllThere || performance.now() > deadline) break;
    await sleep(500);
  }
  await sleep(2000);
  const held = await look();
  const names = two.flatMap((pair) => pair.names);
  const isAnswered = (name: string) => ["call", "http", "grpc"].includes(name);
  return new Map(
    names.map((name, index) => [name, outcomeOf(passed[index]!, held[index]!, isAnswered(name))] as const),
  );
}

const folder = mkdtempSync(join(tmpdir(), "madang-patterns-"));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const pairs = await openPairs(folder, wanted, tell);
try {
  const results: Result[] = [];
  for (const pair of pairs) for (const name of pair.names) results.push(await speedsOf(pair, name));
  const frozen = await outcomesOf(pairs, "frozen");
  const killed = await outcomesOf(pairs, "killed");
  const whole = results.map((one) => {
    const outcomes = frozen.has(one.name) ? { frozen: frozen.get(one.name)!, killed: killed.get(one.name)! } : {};
    return { ...one, ...outcomes };
  });
  tell("");
  const machine = `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "?"}`;
  console.log(`${machine}\n\n${tables(whole, "en")}`);
  if (process.argv.includes("--write")) publish(whole, machine);
} finally {
  await Promise.all(pairs.map((pair) => pair.end()));
  rmSync(folder, { recursive: true, force: true });
}
// Servers that did not end must not keep the process.
process.exit();
