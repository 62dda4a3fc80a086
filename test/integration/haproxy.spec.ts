/** Debian's HAProxy with the configuration of deploy/, before gateways that are killed and frozen under load. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import type { AddressInfo } from "node:net";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { servers } from "../../deploy/topology.ts";
import { findBinary } from "../../scripts/cluster/binaries.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Server, startHaproxy } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { FileNodes } from "../support/systems/file-nodes.ts";
import { MachineSpeed } from "../support/invariants/machine-speed.ts";

const root = join(import.meta.dirname, "../..");
const edge = join(root, "deploy/haproxy/edge.cfg");

interface Gateway {
  readonly name: string;
  readonly process: ChildProcess;
}

interface Edge {
  readonly url: string;
  readonly gateways: readonly Gateway[];
  /** The attempts that reached any gateway, one line each. */
  attempts(): string[];
}

const running: { folder: string; haproxy: Server; gateways: readonly Gateway[] }[] = [];

async function isReady(port: number): Promise<void> {
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok) await sleep(20);
}

/** A certificate of its own for localhost, with its key, as HAProxy wants them. */
function makeCertificate(): { path: string; text: string } {
  const folder = mkdtempSync(join(tmpdir(), "madang-certificate-"));
  const file = (name: string) => join(folder, name);
  const { status, stderr } = spawnSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"].concat(
      ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
      ["-keyout", file("key"), "-out", file("certificate")],
    ),
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl made no certificate: ${stderr}`);
  const text = readFileSync(file("certificate"), "utf8");
  writeFileSync(file("both"), text + readFileSync(file("key"), "utf8"));
  return { path: file("both"), text };
}

/** HAProxy before one gateway of each manner; the same rules as in containers, other addresses. */
async function start(...options: (string | Record<string, string>)[]): Promise<Edge> {
  const manners = options.filter((option) => typeof option === "string");
  const settings: Record<string, string> = Object.assign({}, ...options.filter((option) => typeof option !== "string"));
  const folder = mkdtempSync(join(tmpdir(), "madang-haproxy-"));
  const log = join(folder, "attempts");
  writeFileSync(log, "");
  const ports = await Promise.all(manners.map(freePort));
  const gateways = ports.map((port, index): Gateway => {
    const args = [
      join(root, "test/support/systems/stub-gateway.ts"),
      `${port}`,
      log,
      `gateway${index}`,
      manners[index]!,
    ];
    return { name: `gateway${index}`, process: spawn(process.execPath, args, { stdio: "inherit" }) };
  });
  await Promise.all(ports.map(isReady));
  const servers = ports.map((port, index) => `  server gateway${index} 127.0.0.1:${port}\n`);
  const config = join(folder, "haproxy");
  mkdirSync(config);
  symlinkSync(edge, join(config, "edge.cfg"));
  writeFileSync(join(config, "gateways.cfg"), `backend gateways from to-gateways\n${servers.join("")}`);
  for (const [setting, backend] of [
    ["HAPROXY_MCP", "backend agents from to-gateways"],
    ["HAPROXY_UPLOADS", "backend uploads from to-uploads"],
    ["HAPROXY_FILMS", "backend films from to-films"],
  ] as const) {
    const lines = settings[setting]?.split(" ").map((address, index) => `  server node${index} ${address}\n`);
    if (lines) writeFileSync(join(config, `to-${setting}.cfg`), [`${backend}\n`, ...lines].join(""));
  }
  const haproxy = await startHaproxy({
    folder,
    file: config,
    env: (port) => ({ HAPROXY_BIND: `127.0.0.1:${port}`, ...settings }),
  });
  running.push({ folder, haproxy, gateways });
  const attempts = () => readFileSync(log, "utf8").split("\n").filter(Boolean);
  return { url: haproxy.url, gateways, attempts };
}

afterEach(async () => {
  for (const { folder, haproxy, gateways } of running.splice(0)) {
    // Not in order: that would wait for connections that clients keep.
    haproxy.kill("SIGKILL");
    await haproxy.stop();
    for (const { process: child } of gateways) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Outcome {
  readonly status: number;
  readonly milliseconds: number;
}

/** One request; `attempt` names it in the gateways' log. */
async function ask(url: string, method: string, headers: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const started = performance.now();
  const body = method === "POST" ? { body: "{}" } : {};
  const answer = await fetch(`${url}/orders`, { method, headers: { "x-attempt": randomUUID(), ...headers }, ...body });
  await answer.arrayBuffer();
  return { status: answer.status, milliseconds: performance.now() - started };
}

const write = (url: string) => ask(url, "POST", { "idempotency-key": randomUUID() });
const read = (url: string) => ask(url, "GET");

/** Reads and writes with a key from 16 clients, until `fault` is done. */
async function load(url: string, outcomes: Outcome[], fault: () => Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const client = async (_: unknown, index: number) => {
    while (!over.signal.aborted) outcomes.push(await (index % 2 === 0 ? read : write)(url));
  };
  const clients = Array.from({ length: 16 }, client);
  await fault().finally(() => over.abort());
  await Promise.all(clients);
}

const failed = (outcomes: readonly Outcome[]) => outcomes.filter(({ status }) => status >= 400);
const worst = (outcomes: readonly Outcome[]) => Math.max(...outcomes.map(({ milliseconds }) => milliseconds));

describe("the load balancer", () => {
  let machineSpeed: MachineSpeed;
  beforeEach(async () => {
    machineSpeed = await MachineSpeed.start();
  });
  afterEach(() => machineSpeed.end());

  it("takes the files of deploy/ as they are", () => {
    const { status, stderr } = spawnSync(findBinary("haproxy"), ["-c", "-f", join(root, "deploy/haproxy")], {
      env: { ...process.env, ...servers.haproxy.environment },
      encoding: "utf8",
    });
    expect({ status, stderr: stderr.match(/\[(?:ALERT|WARNING)\].*/g) }).toEqual({ status: 0, stderr: null });
  });

  it("gives each of its sections a name of its own, as later versions demand", () => {
    const files = readdirSync(join(root, "deploy/haproxy")).map((file) => join(root, "deploy/haproxy", file));
    const text = files.map((file) => readFileSync(file, "utf8")).join("");
    const names = [...text.matchAll(/^(?:defaults|frontend|backend|resolvers) (\S+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(4);
    expect(new Set(names).size).toBe(names.length);
  });

  it("answers with a problem and Retry-After when no gateway is left", async () => {
    const { url, gateways } = await start("lives");
    gateways[0]!.process.kill("SIGKILL");
    await once(gateways[0]!.process, "exit");
    for (const key of ["1", "2"]) {
      const answer = await fetch(`${url}/orders`, { method: "POST", headers: { "idempotency-key": key }, body: "{}" });
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(await answer.json()).toEqual({
        type: "/problems/SERVICE_UNAVAILABLE",
        title: "The service is unavailable",
        status: answer.status,
        detail: expect.any(String),
        code: "SERVICE_UNAVAILABLE",
      });
    }
  });

  it("answers with a problem, also on a connection that was used before, when none is left for a second attempt", async () => {
    const { url } = await start("leaves");
    expect((await read(url)).status).toBe(200);
    const answer = await fetch(`${url}/orders`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toMatchObject({ status: 503, code: "SERVICE_UNAVAILABLE" });
  });

  it("answers with a problem when a write without a key got no answer", async () => {
    const { url } = await start("dies");
    const answer = await fetch(`${url}/orders`, { method: "POST", headers: { "x-attempt": "1" }, body: "{}" });
    expect(answer.status).toBe(502);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ status: 502, code: "SERVICE_UNAVAILABLE" });
  });

  it("passes what agents ask on to gateways of their own", async () => {
    const agents = createServer((_req, res) => res.setHeader("x-gateway", "agents").end()).listen(0, "127.0.0.1");
    await once(agents, "listening");
    const { url } = await start("lives", { HAPROXY_MCP: `127.0.0.1:${(agents.address() as AddressInfo).port}` });
    const gatewayOf = async (path: string) =>
      (await fetch(url + path, { headers: { "x-attempt": "1" } })).headers.get("x-gateway");
    const paths = ["/mcp", "/mcp?x=1", "/mcp/x", "/orders"];
    expect(await Promise.all(paths.map(gatewayOf))).toEqual(["agents", "agents", "gateway0", "gateway0"]);
    agents.close();
    agents.closeAllConnections();
  });

  it("passes uploads and films through to nodes of their own, all of one film to one edge", async () => {
    const nodes = await FileNodes.start("127.0.0.1", "127.0.2.1");
    const at = (host: string) => `${host}:${nodes.port}`;
    const edges = `${at("127.0.0.1")} ${at("127.0.2.1")}`;
    const { url } = await start("lives", { HAPROXY_UPLOADS: at("127.0.0.1"), HAPROXY_FILMS: edges });
    expect(await nodes.upload(url)).toBe(`/uploads/1 ${4 * 2 ** 20}`);
    const first = await nodes.edgesOf(url, "one");
    expect(await nodes.edgesOf(url, "two")).toEqual(first);
    expect(new Set(first).size).toBe(2);
    nodes.end();
  });

  it("speaks TLS where it has a certificate", async () => {
    const certificate = makeCertificate();
    const port = await freePort();
    await start("lives", { HAPROXY_TLS_BIND: `127.0.0.1:${port}`, HAPROXY_TLS_CERTIFICATE: certificate.path });
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      httpsGet({ port, host: "127.0.0.1", path: "/orders", ca: certificate.text, servername: "localhost" }, resolve).on(
        "error",
        reject,
      ),
    );
    answer.resume();
    expect(answer.statusCode).toBe(200);
  });

  it("fails no read and no write with a key when a gateway is killed under load", async () => {
    const { url, gateways } = await start("lives", "lives");
    const outcomes: Outcome[] = [];
    const more = (count: number) => {
      const enough = outcomes.length + count;
      return eventually(() => outcomes.length >= enough);
    };
    await load(url, outcomes, async () => {
      await more(100);
      gateways[0]!.process.kill("SIGKILL");
      await more(200);
    });

    expect(failed(outcomes)).toEqual([]);
    expect(worst(outcomes)).toBeLessThan(machineSpeed.allow(500));
  });

  it("fails none either when a gateway freezes, and leaves live streams alone", async () => {
    const { url, gateways } = await start("lives", "lives");
    const stream = await fetch(`${url}/orders/1/events`);
    const frozen = gateways.find(({ name }) => name !== stream.headers.get("x-gateway"))!;
    const events = stream.body!.getReader();
    const outcomes: Outcome[] = [];
    await load(url, outcomes, async () => {
      frozen.process.kill("SIGSTOP");
      await events.read();
      // Later than any answer may come.
      expect(new TextDecoder().decode((await events.read()).value)).toContain("heartbeat");
    });
    await events.cancel();
    expect(failed(outcomes)).toEqual([]);
    expect(worst(outcomes)).toBeLessThan(machineSpeed.allow(8000));
  });

  it("asks another gateway for a write with a key that the first died of", async () => {
    const { url, gateways, attempts } = await start("dies", "lives");
    const dead = once(gateways[0]!.process, "exit");
    for (let sent = 0; gateways[0]!.process.signalCode === null; sent += 1) {
      expect((await ask(url, "POST", { "idempotency-key": "k", "x-attempt": `${sent}` })).status).toBe(201);
      expect(sent).toBeLessThan(20);
      if (attempts().filter((line) => line === `POST ${sent}`).length === 2) await dead;
    }
  });

  it("never repeats a write without a key", async () => {
    const { url, attempts } = await start("dies", "lives");
    const statuses: number[] = [];
    while (!statuses.some((status) => status >= 500) && statuses.length < 20)
      statuses.push((await ask(url, "POST", { "x-attempt": `${statuses.length}` })).status);
    expect(statuses.at(-1)).toBe(502);
    expect(attempts()).toEqual(statuses.map((_, index) => `POST ${index}`));
  });

  it("adds the client's address after whatever the client claims, and keeps figures inside", async () => {
    const { url } = await start("lives");
    const answer = await fetch(`${url}/orders`, { headers: { "x-forwarded-for": "203.0.113.7" } });
    const { forwardedFor } = (await answer.json()) as { forwardedFor: string };
    expect(forwardedFor.split(",").at(-1)?.trim()).toBe("127.0.0.1");
    for (const path of ["/metrics", "/metrics/", "/METRICS", "/Metrics/x", "/%6detrics", "/metrics?a=b", "/metrics;a"])
      expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 404]);
  });
});
