/** A deployment with a payment provider beside it, of which a part is killed again and again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../fixtures/random.ts";
import { Cluster } from "../systems/cluster.ts";
import { type Account, freePort, Platform } from "../systems/platform.ts";
import { ProviderProcess } from "../systems/provider.ts";

export interface BreakableDeployment {
  /** Of the HTTP API. */
  readonly url: string;
  /** The demo sign-ins. */
  accounts(): Promise<readonly Account[]>;
  /** `kill -9` of one of its processes, which starts again. */
  kill(random: Random): Promise<void>;
  dispose(): Promise<void>;
}

const secrets = { PAYMENT_SANDBOX_SECRET: "signs what it tells", PAYMENT_SANDBOX_KEY: "opens its door" };
const patience = { RATE_LIMIT: "off", PAYMENT_PROVIDER_TIMEOUT: "1000", PAYMENT_RECONCILE_AFTER: "500" };

/** All services in one process. */
export class PlatformAndProvider implements BreakableDeployment {
  readonly #books: string;
  readonly #provider: ProviderProcess;
  readonly #env: Readonly<Record<string, string>>;
  #platform: Platform;

  private constructor(
    books: string,
    provider: ProviderProcess,
    platform: Platform,
    env: Readonly<Record<string, string>>,
  ) {
    this.#books = books;
    this.#provider = provider;
    this.#platform = platform;
    this.#env = env;
  }

  static async start(): Promise<PlatformAndProvider> {
    const books = mkdtempSync(join(tmpdir(), "madang-books-"));
    const port = await freePort();
    const PAYMENT_SANDBOX_WEBHOOK_URL = `http://127.0.0.1:${port}/api/v1/payments/webhooks/sandbox`;
    const provider = await ProviderProcess.start({ ...secrets, DATA_DIR: books, PAYMENT_SANDBOX_WEBHOOK_URL });
    const env = { ...secrets, ...patience, PAYMENT_SANDBOX_URL: provider.url };
    return new PlatformAndProvider(books, provider, await Platform.start({ env, port }), env);
  }

  get url(): string {
    return this.#platform.url;
  }

  accounts(): Promise<readonly Account[]> {
    return this.#platform.accounts();
  }

  async kill(random: Random): Promise<void> {
    if (random.chance(0.4)) {
      await this.#provider.end("SIGKILL");
      await this.#provider.restart();
      return;
    }
    const { dataDir, port } = this.#platform;
    await this.#platform.end("SIGKILL");
    this.#platform = await Platform.launch({ env: this.#env, dataDir, port });
    await this.#platform.ready();
  }

  async dispose(): Promise<void> {
    await this.#platform.dispose();
    await this.#provider.end("SIGKILL");
    rmSync(this.#books, { recursive: true, force: true });
  }
}

/** What is killed, each apart from the others. */
const victims = ["account-1", "payment-1", "provider"] as const;

/** Each service in a process of its own, with NATS and PostgreSQL between them. What is killed starts again by itself. */
export class ServicesApart implements BreakableDeployment {
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  static async start(): Promise<ServicesApart> {
    const services = ["api", "user", "account", "payment", "notification"];
    return new ServicesApart(await Cluster.start({ services, restart: true, env: patience }));
  }

  get url(): string {
    return this.#cluster.urls[0]!;
  }

  async accounts(): Promise<readonly Account[]> {
    return this.#cluster.accounts;
  }

  async kill(random: Random): Promise<void> {
    this.#cluster.kill(random.pick(victims));
  }

  dispose(): Promise<void> {
    return this.#cluster.dispose();
  }
}
