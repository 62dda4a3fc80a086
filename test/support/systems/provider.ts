/** The sandbox payment provider as a process of its own, which a test may kill and start again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { freePort } from "./platform.ts";

const root = join(import.meta.dirname, "../../..");

export class ProviderProcess {
  readonly url: string;
  readonly #env: Readonly<Record<string, string>>;
  #child!: ChildProcess;

  private constructor(port: number, env: Readonly<Record<string, string>>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = { ...env, HOST: "127.0.0.1", PAYMENT_SANDBOX_PORT: String(port) };
  }

  /** @param env DATA_DIR with its books, and other settings */
  static async start(env: Readonly<Record<string, string>>): Promise<ProviderProcess> {
    const provider = new ProviderProcess(await freePort(), env);
    await provider.restart();
    return provider;
  }

  /** Resolves when it listens, at the same address as before. */
  async restart(): Promise<void> {
    this.#child = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", "services/payment/sandbox/sandbox.process.ts"],
      {
        cwd: root,
        env: { ...process.env, NODE_OPTIONS: "", ...this.#env },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await Promise.race([
      once(this.#child.stdout!, "data"),
      once(this.#child, "exit").then(() => {
        throw new Error("The provider ended early.");
      }),
    ]);
  }

  /** Ends it and waits until it is gone; answers its exit code. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    this.#child.kill(signal);
    const [code] = (await once(this.#child, "exit")) as [number | null];
    return code;
  }
}
