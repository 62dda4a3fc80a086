/** Debian's HAProxy and NGINX before several gRPC gateways, which are killed, stopped and joined by others under load. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Server, startHaproxy, startNginx } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { root, contracts } from "../support/fixtures/source.ts";
import { NameServer } from "../support/systems/name-server.ts";

const asIs = (bytes: Buffer): Buffer => bytes;

interface Ports {
  /** Of the gateways, on every address. */
  readonly grpc: number;
  readonly check: number;
  /** Of the proxy. */
  readonly edge: number;
  readonly health: number;
}

type Start = (folder: string, names: NameServer, ports: Ports) => Promise<Server>;

const proxies: readonly (readonly [string, Start])[] = [
  [
    "HAProxy",
    (folder, names, { grpc, check, edge, health }) =>
      startHaproxy({
        folder,
        file: join(root, "deploy/haproxy"),
        env: (port) => ({
          HAPROXY_BIND: `127.0.0.1:${port}`,
          HAPROXY_HEALTH_BIND: `127.0.0.1:${health}`,
          HAPROXY_DNS: names.address,
          HAPROXY_GATEWAYS: `gateways.test:${check}`,
          HAPROXY_GRPC: `gateways.test:${grpc}`,
          HAPROXY_GRPC_CHECK: `${check}`,
          HAPROXY_GRPC_BIND: `127.0.0.1:${edge}`,
        }),
      }),
  ],
  [
    "NGINX",
    (folder, names, { grpc, check, edge }) =>
      startNginx({
        folder,
        resolver: names.address,
        http: `gateways.test:${check}`,
        grpc: `gateways.test:${grpc}`,
        grpcPort: edge,
      }),
  ],
];

it("live actions alone have the names for whose silence the proxies have patience", () => {
  const actions = [...contracts.values()].flatMap((one) => (one.gateway ? [] : Object.entries(one.actions)));
  expect(actions.filter(([name, { live = false }]) => name.startsWith("watch") !== live)).toEqual([]);
});

describe.each(proxies)("behind %s", (name, start) => {
  const folder = mkdtempSync(join(tmpdir(), "madang-proxy-"));
  const gateways = new Map<string, ChildProcess>();
  let names: NameServer;
  let ports: Ports;
  let proxy: Server;
  let client: Client;

  /** Starts a gateway, of which DNS then knows. */
  async function arrive(address: string): Promise<void> {
    const args = [join(root, "test/support/systems/stub-grpc-gateway.ts"), address, `${ports.grpc}`, `${ports.check}`];
    gateways.set(address, spawn(process.execPath, args, { stdio: "inherit" }));
    await eventually(async () => (await fetch(`http://${address}:${ports.check}/readyz`).catch(() => null))?.ok);
    names.addresses = [...names.addresses, address];
  }

  /** Ends a gateway; as with containers, DNS forgets it afterwards. */
  async function leave(address: string, signal: NodeJS.Signals): Promise<void> {
    const gateway = gateways.get(address)!;
    const gone = once(gateway, "exit");
    gateway.kill(signal);
    await gone;
    names.addresses = names.addresses.filter((one) => one !== address);
  }

  const call = (key: string | undefined): Promise<{ code: status; from: string }> => {
    const metadata = new Metadata();
    if (key !== undefined) metadata.set("idempotency-key", key);
    return new Promise((resolve) =>
      client.makeUnaryRequest("/stub/Get", asIs, asIs, Buffer.from("x"), metadata, (error, answer) =>
        resolve({ code: error?.code ?? status.OK, from: String(answer) }),
      ),
    );
  };

  /** What 16 callers see until `work` is done: of first attempts, and of calls that are repeated as clients of gRPC do. */
  async function during(work: (answers: (count: number) => Promise<unknown>) => Promise<void>) {
    const seen = { first: new Set<status>(), last: new Set<status>(), count: 0 };
    const over = new AbortController();
    const caller = async () => {
      while (!over.signal.aborted) {
        const key = randomUUID();
        let { code } = await call(key);
        seen.first.add(code);
        for (let attempt = 2; attempt <= 3 && code !== status.OK; attempt += 1) ({ code } = await call(key));
        seen.last.add(code);
        seen.count += 1;
      }
    };
    const callers = Array.from({ length: 16 }, caller);
    const answers = (count: number) => {
      const enough = seen.count + count;
      return eventually(() => seen.count >= enough);
    };
    await work(answers).finally(() => over.abort());
    await Promise.all(callers);
    return { first: [...seen.first], last: [...seen.last] };
  }

  beforeAll(async () => {
    names = await NameServer.start();
    ports = { grpc: await freePort(), check: await freePort(), edge: await freePort(), health: await freePort() };
    await Promise.all(["127.0.1.1", "127.0.1.2"].map(arrive));
    proxy = await start(folder, names, ports);
    client = new Client(`127.0.0.1:${ports.edge}`, credentials.createInsecure());
    await eventually(async () => (await call("k")).code === status.OK);
  });
  afterAll(async () => {
    client.close();
    proxy.kill("SIGKILL");
    await proxy.stop();
    for (const gateway of gateways.values()) gateway.kill("SIGKILL");
    names.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("calls are spread, and bring their client's address", async () => {
    const from = new Set<string>();
    await eventually(async () => from.add((await call(undefined)).from).size === 2);
    expect([...from].toSorted()).toEqual(["127.0.1.1 127.0.0.1", "127.0.1.2 127.0.0.1"]);
  });

  it("streams pass as they come, and end with their gateway", async () => {
    const stream = client.makeServerStreamRequest("/stub/Watch", asIs, asIs, Buffer.from("x"));
    const items: Buffer[] = [];
    const ended = new Promise<status>((resolve) => stream.on("error", ({ code }: { code: status }) => resolve(code)));
    stream.on("data", (item: Buffer) => items.push(item));
    await eventually(() => items.length > 3);
    const address = String(items[0]);
    await leave(address, "SIGKILL");
    expect([status.UNAVAILABLE, status.INTERNAL, status.UNKNOWN, status.CANCELLED]).toContain(await ended);
    await arrive(address);
    await eventually(async () => (await call(undefined)).from.startsWith(address));
  });

  it.each(["SIGKILL", "SIGTERM"] as const)("no call fails for good when a gateway gets %s", async (signal) => {
    const { first, last } = await during(async (answers) => {
      await answers(100);
      await leave("127.0.1.1", signal);
      await answers(300);
    });
    expect(last).toEqual([status.OK]);
    // HAProxy repeats what has a key, and NGINX nothing that it has sent.
    if (signal === "SIGTERM" && name === "HAProxy") expect(first).toEqual([status.OK]);
    await arrive("127.0.1.1");
    await eventually(async () => (await call(undefined)).from.startsWith("127.0.1.1"));
  });

  it("a third gateway is found by its name", async () => {
    const { first } = await during(async () => {
      await arrive("127.0.1.3");
      await eventually(async () => (await call(undefined)).from.startsWith("127.0.1.3"));
    });
    expect(first).toEqual([status.OK]);
  });
});
