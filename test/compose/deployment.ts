/** A deployment with docker compose, from a copy of what is committed, under a name and with secrets of its own. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/cluster/ports.ts";
import { root } from "../support/fixtures/source.ts";

interface Container {
  readonly ID: string;
  readonly Name: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
}

export class Deployment {
  readonly folder: string;
  readonly url: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    const name = `madang-test-${process.pid}`;
    this.#environment = { ...process.env, PORT: `${port}`, COMPOSE_PROJECT_NAME: name, MADANG_VERSION: name };
  }

  static async copy(): Promise<Deployment> {
    const folder = mkdtempSync(join(tmpdir(), "madang-compose-"));
    const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
    for (const file of files) cpSync(join(root, file), join(folder, file));
    // The customers of this test are few and ask often.
    writeFileSync(
      join(folder, "docker-compose.override.yml"),
      'services: { api: { environment: { RATE_LIMIT: "off" } } }\n',
    );
    execFileSync(process.execPath, ["deploy/secrets.mjs"], { cwd: folder });
    return new Deployment(folder, await freePort());
  }

  /** Runs lines of the operator's guide in the folder of the deployment. @throws Error with what they printed */
  async run(script: string): Promise<string> {
    const path = join(this.folder, `run-${Date.now()}.log`);
    const log = openSync(path, "w+");
    const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
      cwd: this.folder,
      env: this.#environment,
      stdio: ["ignore", log, log],
    });
    const [code] = (await once(child, "exit")) as [number];
    closeSync(log);
    const output = execFileSync("cat", [path], { encoding: "utf8" });
    rmSync(path);
    if (code !== 0) throw new Error(`${script}\n${output}`);
    return output;
  }

  /** What runs, or ran, of a service. */
  containers(service: string): Container[] {
    const { stdout } = spawnSync("docker", ["compose", "ps", "--all", "--format", "json", service], {
      cwd: this.folder,
      env: this.#environment,
      encoding: "utf8",
    });
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Container);
  }

  /** Numbers of nodes that are healthy, by service. */
  healthy(...services: readonly string[]): number[] {
    return services.map((service) => this.containers(service).filter(({ Health }) => Health === "healthy").length);
  }

  async remove(): Promise<void> {
    try {
      await this.run("docker compose --profile '*' down --volumes --rmi local --timeout 5");
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}
