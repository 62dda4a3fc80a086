/** A service without any node: its callers learn it at once, everything else works, and it recovers by itself. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Health } from "#mixins/gateway/health.ts";
import { type Client, orderOf } from "../actors/client.ts";
import { eventually } from "../fixtures/eventually.ts";
import type { Ask } from "../actors/prober.ts";
import type { AvailabilityRun } from "./availability-run.ts";
import { patientCaller } from "../actors/patient-caller.ts";
import { MachineSpeed } from "../invariants/machine-speed.ts";

/** Milliseconds until a refusal, once it is known that nobody answers. */
const LIMIT = 50;

type State = Health["services"][number];

export class ServiceOutage {
  readonly #run: AvailabilityRun;
  readonly #service: string;
  readonly #client: Client;
  readonly #productId: string;

  constructor(run: AvailabilityRun, service: string, client: Client, productId: string) {
    this.#run = run;
    this.#service = service;
    this.#client = client;
    this.#productId = productId;
  }

  static async of(run: AvailabilityRun, service: string): Promise<ServiceOutage> {
    const [client, productId] = await Promise.all([run.person("admin"), run.newProduct(1000)]);
    return new ServiceOutage(run, service, client, productId);
  }

  readonly ownRoute: Ask = (client) => client.get(`/${this.#service}s`);
  readonly anOrder: Ask = (client) => client.post("/orders", orderOf(this.#productId));
  readonly aProduct: Ask = (client) => client.get(`/products/${this.#productId}`);

  /** Sends a signal to all its nodes. */
  signal(signal: NodeJS.Signals): void {
    for (const name of this.#run.cluster.nodes(this.#service)) this.#run.cluster.kill(name, signal);
  }

  /** Starts them again. */
  async start(): Promise<void> {
    const { cluster } = this.#run;
    await Promise.all(cluster.nodes(this.#service).map((name) => cluster.startNode(name)));
  }

  /** Resolves when it is answered so, while people go on asking. */
  becomes(status: number, ask: Ask = this.ownRoute): Promise<void> {
    return this.#whileAsked(async () => {
      await eventually(async () => (await ask(this.#client)).status === status);
    });
  }

  /** Resolves when all its nodes are asked again and everything works, because people go on asking. */
  heals(): Promise<void> {
    return this.#whileAsked(async () => {
      await this.becomes(200);
      await this.becomes(201, this.anOrder);
      await this.isReported({ nodes: this.#run.cluster.nodes(this.#service).length, available: true });
      await this.isReported({ breaker: "closed" });
    });
  }

  /**
   * Every caller is refused at once and told when to come again, as soon as all nodes that call it have missed it; the slower half of the
   * answers may have waited for a busy machine.
   */
  async isRefused(ask: Ask = this.ownRoute): Promise<void> {
    const machineSpeed = await MachineSpeed.start();
    let times: number[] = [];
    await eventually(async () => {
      const began = performance.now();
      const { status, headers } = (await ask(this.#client)) as Awaited<ReturnType<Client["get"]>>;
      const isRefusal = status === 503 && Number(headers.get("retry-after")) > 0;
      times = isRefusal ? [...times, performance.now() - began] : [];
      return times.length === 20;
    });
    times.sort((a, b) => a - b);
    process.stdout.write(`${this.#service} lost: refused in ${times.map((time) => time.toFixed(0)).join(" ")} ms\n`);
    expect(times[times.length / 2]).toBeLessThan(machineSpeed.allow(LIMIT));
    await machineSpeed.end();
  }

  async isAnswered(ask: Ask, status: number): Promise<void> {
    expect((await ask(this.#client)).status).toBe(status);
  }

  /** What every gateway says of it, as soon as this is so. */
  isReported(expected: Partial<State>): Promise<void> {
    return this.#eachReports((own) =>
      Object.entries(expected).every(([name, value]) => own[name as keyof State] === value),
    );
  }

  /** Every gateway says that nobody answers: its breakers are open, or its nodes have been silent for too long. */
  isMissed(): Promise<void> {
    return this.#eachReports(({ nodes, breaker }) => nodes === 0 || breaker === "open");
  }

  async #eachReports(isSo: (own: State) => boolean): Promise<void> {
    let seen: Health;
    for (const gateway of this.#run.cluster.urls.keys())
      await eventually(async () => {
        seen = await this.#run.health(gateway);
        return isSo(seen.services.find(({ name }) => name === this.#service)!);
      }).catch((error: unknown) => {
        throw new Error(JSON.stringify(seen), { cause: error });
      });
  }

  /** At every gateway, ten a second ask for what it answers, and ten order. */
  async #whileAsked(work: () => Promise<void>): Promise<void> {
    const over = new AbortController();
    const askAt = async (url: string) => {
      const client = await patientCaller(url, "admin");
      while (!over.signal.aborted) {
        for (const ask of [this.ownRoute, this.anOrder]) void ask(client).catch(() => {});
        await sleep(100);
      }
    };
    const asking = this.#run.cluster.urls.map(askAt);
    await work().finally(() => over.abort());
    await Promise.all(asking);
  }
}
