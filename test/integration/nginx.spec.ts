/** Debian's NGINX with the configuration that deploy/ has for containers, before gateways that are killed under load. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinary } from "../../scripts/cluster/binaries.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Server, startNginx } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { root } from "../support/fixtures/source.ts";
import { FileNodes } from "../support/systems/file-nodes.ts";
import { NameServer } from "../support/systems/name-server.ts";

let folder: string;
let names: NameServer;
let nginx: Server;
let gateways: ChildProcess[];

/** NGINX before one gateway of each manner, which a name in DNS has the addresses of. @param files port of nodes for uploads and films */
async function start(...options: readonly (string | number)[]): Promise<void> {
  const manners = options.filter((option) => typeof option === "string");
  const files = options.find((option) => typeof option === "number");
  folder = mkdtempSync(join(tmpdir(), "madang-nginx-"));
  writeFileSync(join(folder, "attempts"), "");
  const port = await freePort();
  const hosts = manners.map((_, index) => `127.0.2.${index + 1}`);
  gateways = hosts.map((host, index) => {
    const program = join(root, "test/support/systems/stub-gateway.ts");
    const args = [program, `${port}`, join(folder, "attempts"), host, manners[index]!, host];
    return spawn(process.execPath, args, { stdio: "inherit" });
  });
  for (const host of hosts)
    await eventually(async () => (await fetch(`http://${host}:${port}/readyz`).catch(() => null))?.ok);
  names = await NameServer.start();
  names.addresses = hosts;
  nginx = await startNginx({
    folder,
    resolver: names.address,
    http: `gateways.test:${port}`,
    grpc: `gateways.test:${port}`,
    grpcPort: await freePort(),
    ...(files === undefined ? {} : { uploads: `files.test:${files}`, films: `files.test:${files}` }),
  });
}

afterEach(async () => {
  nginx.kill("SIGKILL");
  await nginx.stop();
  for (const gateway of gateways) gateway.kill("SIGKILL");
  names.close();
  rmSync(folder, { recursive: true, force: true });
});

const attempts = () => readFileSync(join(folder, "attempts"), "utf8").split("\n").filter(Boolean);

/** The status of one request; `attempt` names it in the gateways' log. */
async function ask(method: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const body = method === "POST" ? { body: "{}" } : {};
  const sent = { "x-attempt": randomUUID(), ...headers };
  const answer = await fetch(`${nginx.url}/orders`, { method, headers: sent, ...body });
  await answer.arrayBuffer();
  return answer.status;
}

it("takes the file of deploy/ as it is", async () => {
  await start("lives");
  const file = join(root, "deploy/nginx/nginx.conf");
  const { status, stderr } = spawnSync(findBinary("nginx"), ["-t", "-c", file, "-e", "stderr"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([0, expect.stringContaining("test is successful")]);
});

it("fails no read and no write with a key when a gateway is killed under load", async () => {
  await start("lives", "lives");
  const statuses: number[] = [];
  const over = new AbortController();
  const client = async (_: unknown, index: number) => {
    while (!over.signal.aborted)
      statuses.push(await (index % 2 === 0 ? ask("GET") : ask("POST", { "idempotency-key": randomUUID() })));
  };
  const clients = Array.from({ length: 16 }, client);
  await eventually(() => statuses.length > 100);
  gateways[0]!.kill("SIGKILL");
  await once(gateways[0]!, "exit");
  const enough = statuses.length + 200;
  await eventually(() => statuses.length > enough);
  over.abort();
  await Promise.all(clients);
  expect(statuses.filter((status) => status >= 400)).toEqual([]);
});

it("asks another gateway for a write with a key that the first died of", async () => {
  await start("dies", "lives");
  const dead = once(gateways[0]!, "exit");
  for (let sent = 0; gateways[0]!.signalCode === null; sent += 1) {
    expect(await ask("POST", { "idempotency-key": "k", "x-attempt": `${sent}` })).toBe(201);
    expect(sent).toBeLessThan(50);
    if (attempts().filter((line) => line === `POST ${sent}`).length === 2) await dead;
  }
});

it("never repeats a write without a key", async () => {
  await start("dies", "lives");
  const statuses: number[] = [];
  while (!statuses.some((status) => status >= 500) && statuses.length < 50)
    statuses.push(await ask("POST", { "x-attempt": `${statuses.length}` }));
  expect(statuses.at(-1)).toBe(503);
  expect(attempts()).toEqual(statuses.map((_, index) => `POST ${index}`));
});

it("answers with a problem and Retry-After when no gateway is left", async () => {
  await start("lives");
  gateways[0]!.kill("SIGKILL");
  await once(gateways[0]!, "exit");
  const answer = await fetch(`${nginx.url}/orders`);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toMatchObject({ status: 503, code: "SERVICE_UNAVAILABLE" });
});

it("adds the client's address after whatever the client claims, and keeps figures inside", async () => {
  await start("lives");
  const headers = { "x-forwarded-for": "203.0.113.7", "x-attempt": "1" };
  const { forwardedFor } = (await (await fetch(`${nginx.url}/orders`, { headers })).json()) as { forwardedFor: string };
  expect(forwardedFor.split(",").at(-1)?.trim()).toBe("127.0.0.1");
  for (const path of ["/metrics", "/metrics/", "/METRICS", "/Metrics/x", "/%6detrics", "/metrics?a=b", "//metrics"])
    expect([path, (await fetch(`${nginx.url}${path}`)).status]).toEqual([path, 404]);
});

it("passes uploads and films through to nodes of their own", async () => {
  const nodes = await FileNodes.start("127.0.2.1");
  await start("lives", nodes.port);
  expect(await nodes.upload(nginx.url)).toBe(`/uploads/1 ${4 * 2 ** 20}`);
  const path = "/t/token~x/v/film/r/240p/seg-000001.m4s?CMCD=a";
  expect(await nodes.get(nginx.url, path)).toEqual(["127.0.2.1", path]);
  nodes.end();
});
