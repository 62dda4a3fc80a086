/** Asks the same again and again and forgives nothing: every failure counts, and the slowest answer is kept. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client.ts";

export type Ask = (client: Client) => Promise<{ readonly status: number; readonly body: unknown }>;

export interface Report {
  readonly answers: number;
  /** What was not answered 2xx, and how often. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly worst: number;
  readonly p99: number;
}

/**
 * @param rate requests that begin in a second
 * @param during what happens meanwhile; the probing ends with it
 */
export async function probe(
  clients: readonly Client[],
  ask: Ask,
  rate: number,
  during: Promise<unknown>,
): Promise<Report> {
  const times: number[] = [];
  const failures: Record<string, number> = {};
  const underWay: Promise<void>[] = [];
  let over = false;
  void during.finally(() => (over = true)).catch(() => {});
  const once = async (client: Client) => {
    const began = performance.now();
    const failure = await ask(client).then(
      ({ status, body }) => (status < 300 ? null : `${status} ${JSON.stringify(body)}`),
      (error: Error) => `${error.message} ${(error.cause as Error | undefined)?.message ?? ""}`,
    );
    times.push(performance.now() - began);
    if (failure !== null) failures[failure] = (failures[failure] ?? 0) + 1;
  };
  const began = performance.now();
  for (let sent = 0; !over; sent += 1) {
    const due = began + (sent / rate) * 1000;
    if (due > performance.now()) await sleep(due - performance.now());
    underWay.push(once(clients[sent % clients.length]!));
  }
  await during;
  await Promise.all(underWay);
  times.sort((a, b) => a - b);
  return {
    answers: times.length,
    failures,
    worst: times.at(-1) ?? 0,
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}

/** An order with a key of its own, which HTTP intermediaries and gateways may send again. */
export const order =
  (body: object): Ask =>
  (client) =>
    client.post("/orders", body, { "idempotency-key": randomUUID() });

export const read =
  (path: string): Ask =>
  (client) =>
    client.get(path);
