/** The small server of every node, and what the gateway shows the public when there is one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { freePort } from "../support/systems/platform.ts";

describe("the probe server", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-probe-"));
  let nats: Nats;
  let gateway: NodeProcess;
  let probe: string;
  let api: string;

  beforeAll(async () => {
    nats = await startNats({ folder });
    const [port, nodePort] = [await freePort(), await freePort()];
    api = `http://127.0.0.1:${port}`;
    probe = `http://127.0.0.1:${nodePort}`;
    const env = { TRANSPORTER: nats.url, BUS: "nats", PORT: `${port}`, NODE_PORT: `${nodePort}` };
    gateway = await NodeProcess.start({ id: "api.probed", services: ["services/api/api.service.ts"], env });
  });
  afterAll(async () => {
    await gateway.end("SIGKILL");
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const statusOf = async (url: string) => (await fetch(url)).status;

  it("tells that the node lives, is ready, and how it does", async () => {
    expect(await statusOf(`${probe}/livez`)).toBe(200);
    expect(await statusOf(`${probe}/readyz`)).toBe(200);
    expect(await statusOf(`${probe}/else`)).toBe(404);
    expect(await statusOf(`${api}/livez`)).toBe(200);
    const answer = await fetch(`${probe}/metrics`);
    expect(answer.headers.get("content-type")).toContain("version=0.0.4");
    const text = await answer.text();
    expect(text).toContain("# TYPE http_requests_total counter");
    expect(text).toContain("process_resident_memory_bytes");
  });

  it("leaves nothing of the metrics on the public port", async () => {
    expect(await statusOf(`${api}/metrics`)).toBe(404);
  });

  it("answers the image's health check, which asks without starting Node", async () => {
    const dockerfile = readFileSync(join(import.meta.dirname, "../../deploy/Dockerfile"), "utf8");
    const [program, ...args] = JSON.parse(/^HEALTHCHECK (?:.*\\\n)+ *CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[];
    const check = async (port: string) => {
      const [code] = await once(spawn(program!, args, { env: { NODE_PORT: port }, stdio: "ignore" }), "exit");
      return code as number;
    };
    expect(await check(new URL(probe).port)).toBe(0);
    // The gateway itself is ready too, but here nobody listens.
    expect(await check(`${await freePort()}`)).not.toBe(0);
    await nats.stop();
    await eventually(async () => (await statusOf(`${probe}/readyz`)) === 503);
    expect(await check(new URL(probe).port)).not.toBe(0);
    await nats.restart();
    await eventually(async () => (await check(new URL(probe).port)) === 0);
  });

  it("is not ready while the transporter is away, and is again when it is back", async () => {
    await nats.stop();
    await eventually(async () => (await statusOf(`${probe}/readyz`)) === 503);
    expect(await statusOf(`${probe}/livez`)).toBe(200);
    await nats.restart();
    await eventually(async () => (await statusOf(`${probe}/readyz`)) === 200);
  });
});
