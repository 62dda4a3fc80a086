/** A deployment with docker compose, from a copy of what is committed, under a name and with secrets of its own. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/cluster/ports.ts";
import { Client } from "../support/actors/client.ts";
import { root } from "../support/fixtures/source.ts";

interface Container {
  readonly ID: string;
  readonly Name: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
}

export interface SignIn {
  readonly email: string;
  readonly password: string;
}

export class Deployment {
  readonly folder: string;
  readonly url: string;
  /** Of the gRPC gateway, with its profile. */
  readonly grpc: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, port: number, edgePort: number, grpcPort: number) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.grpc = `127.0.0.1:${grpcPort}`;
    const name = `madang-test-${process.pid}`;
    this.#environment = {
      ...process.env,
      PORT: `${port}`,
      EDGE_PORT: `${edgePort}`,
      GRPC_PORT: `${grpcPort}`,
      COMPOSE_PROJECT_NAME: name,
      MADANG_VERSION: name,
    };
  }

  /** @param settings lines of the file .env, such as `ORDER_REPLICAS=1` */
  static async copy(...settings: readonly string[]): Promise<Deployment> {
    const folder = mkdtempSync(join(tmpdir(), "madang-compose-"));
    const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
    for (const file of files) cpSync(join(root, file), join(folder, file));
    // The customers of this test are few and ask often.
    writeFileSync(
      join(folder, "docker-compose.override.yml"),
      'services: { api: { environment: { RATE_LIMIT: "off" } } }\n',
    );
    writeFileSync(join(folder, ".env"), settings.map((line) => `${line}\n`).join(""));
    execFileSync(process.execPath, ["deploy/secrets.mjs"], { cwd: folder });
    return new Deployment(folder, await freePort(), await freePort(), await freePort());
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
    const output = readFileSync(path, "utf8");
    rmSync(path);
    if (code !== 0) throw new Error(`${script}\n${output}`);
    return output;
  }

  /** Adds the demo data, or finds it. @returns how its customer signs in */
  async seed(): Promise<SignIn> {
    const told = await this.run("docker compose run --rm seed");
    const [, email, password] = /^ +customer +(\S+) +(\S+)$/m.exec(told)!;
    return { email: email!, password: password! };
  }

  /** A new administrator, as the operator's guide says: the password is changed. */
  async administrator(): Promise<SignIn> {
    const email = "boss@example.test";
    const told = await this.run(`docker compose run --rm admin ${email}`);
    const [, password] = /^\S+ is an administrator\. The password, shown this once: (\S+)$/m.exec(told)!;
    const newPassword = randomUUID();
    const newcomer = await new Client(this.url).as({ email, password: password! });
    const { status } = await newcomer.post("/users/me/password", { currentPassword: password, newPassword });
    if (status !== 204) throw new Error(`The change of the password was answered ${status}.`);
    return { email, password: newPassword };
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

  /** What services have written, line by line. */
  async logs(...services: readonly string[]): Promise<string[]> {
    const text = await this.run(`docker compose logs --no-log-prefix ${services.join(" ")}`);
    // Compose 2.26 clears each line before it writes it, also where there is no terminal.
    return text.replaceAll("\u001B[2K", "").split("\n").filter(Boolean);
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
