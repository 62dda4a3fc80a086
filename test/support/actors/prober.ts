/** Asks the same again and again and forgives nothing: every failure counts, and the slowest answers are kept. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client.ts";

export type Ask = (client: Client) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Questions that begin at a steady rate, whether those before were answered or not. */
export interface Line {
  readonly name: string;
  /** They take turns. */
  readonly clients: readonly Client[];
  readonly ask: Ask;
  /** Requests that begin in a second. */
  readonly rate: number;
}

interface Sample {
  readonly line: string;
  /** Milliseconds since the probing began. */
  readonly at: number;
  readonly took: number;
  /** The status, or how the connection failed. */
  readonly outcome: string;
}

/** What was asked and how it was answered. */
export class Report {
  readonly #samples: readonly Sample[];

  constructor(samples: readonly Sample[]) {
    this.#samples = samples.toSorted((a, b) => b.took - a.took);
  }

  get requests(): number {
    return this.#samples.length;
  }

  /** What was not answered 2xx. */
  get failures(): readonly string[] {
    return this.#samples.filter(({ outcome }) => !/^20\d$/.test(outcome)).map(described);
  }

  /** Answers 202: the order was not finished in time. */
  get unfinished(): number {
    return this.#samples.filter(({ outcome }) => outcome === "202").length;
  }

  /** Milliseconds. */
  get worst(): number {
    return this.#samples[0]?.took ?? 0;
  }

  /** Milliseconds. */
  get p99(): number {
    return this.#samples[Math.floor(this.requests / 100)]?.took ?? 0;
  }

  /** The slowest answers, for finding their cause. */
  get slowest(): readonly string[] {
    return this.#samples.slice(0, 12).map(described);
  }

  get figures(): string {
    const { requests, failures, unfinished, p99, worst } = this;
    return `${requests} requests, ${failures.length} failed, ${unfinished} unfinished, p99 ${p99.toFixed(0)} ms, worst ${worst.toFixed(0)} ms`;
  }
}

const described = ({ line, at, took, outcome }: Sample): string =>
  `${line} at ${(at / 1000).toFixed(2)} s: ${outcome} after ${took.toFixed(0)} ms`;

/** @param during what happens meanwhile; the probing ends with it */
export async function probe(lines: readonly Line[], during: Promise<unknown>): Promise<Report> {
  const samples: Sample[] = [];
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  const over = new AbortController();
  void during.finally(() => over.abort()).catch(() => {});
  const once = async ({ name: line, ask }: Line, client: Client) => {
    const asked = performance.now();
    const outcome = await ask(client).then(
      ({ status, body }) => (status < 300 ? `${status}` : `${status} ${JSON.stringify(body)}`),
      (error: Error) => `${error.message} ${(error.cause as Error | undefined)?.message ?? ""}`,
    );
    samples.push({ line, at: asked - began, took: performance.now() - asked, outcome });
  };
  const run = async (line: Line) => {
    for (let sent = 0; !over.signal.aborted; sent += 1) {
      const due = began + (sent / line.rate) * 1000;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      underWay.push(once(line, line.clients[sent % line.clients.length]!));
    }
  };
  await Promise.all(lines.map(run));
  await during;
  await Promise.all(underWay);
  return new Report(samples);
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
