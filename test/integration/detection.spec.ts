/** Nodes that crash, freeze, stop or only lose their connection, with a real NATS server between real processes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { connect } from "nats";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { CutConnection } from "../support/faults/cut-connection.ts";
import { Proxy } from "../support/faults/proxy.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Traffic } from "../support/actors/traffic.ts";
import { MachineSpeed } from "../support/invariants/machine-speed.ts";

const echo = ["test/support/systems/echo-service.ts"];

describe("a node that is gone", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-detection-"));
  let nats: Nats;
  let env: Record<string, string>;
  let broker: ServiceBroker;
  let nodes: NodeProcess[] = [];
  let machineSpeed: MachineSpeed;

  const start = (id: string, services = echo, settings = {}) =>
    NodeProcess.start({ id, services, env: { ...env, ...settings } });
  const available = (id: string) =>
    (broker.registry.getNodeList({ onlyAvailable: true }) as unknown as { id: string }[]).some((one) => one.id === id);
  const call = (params: object = {}) => broker.call<string, object>("v1.echo.where", params);
  const told = (name: string, { answered, failures, worst }: Traffic) =>
    process.stdout.write(`${name}: ${answered} calls, ${failures.length} failed, worst ${worst.toFixed(0)} ms\n`);

  /** What does connects to the system account again by itself, with two subscriptions. */
  const hearsOfCrashes = async () => {
    const { natsOptions } = await import("#mixins/node/nats.ts");
    const system = await connect(natsOptions(nats.systemUrl, "spec"));
    const answer = await system.request("$SYS.REQ.SERVER.PING.CONNZ");
    await system.close();
    const { data } = answer.json<{ data: { connections: { name: string; subscriptions: number }[] } }>();
    return data.connections.some(({ name, subscriptions }) => name === "caller.test/detection" && subscriptions >= 2);
  };

  beforeAll(async () => {
    nats = await startNats({ folder });
    env = { TRANSPORTER: nats.url, NATS_SYSTEM_URL: nats.systemUrl, BUS: "nats" };
    broker = await joinCluster("caller.test", env);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.end("SIGKILL")));
    await broker.stop();
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    machineSpeed = await MachineSpeed.start();
    // The two of each test; one that no test has ended goes on.
    nodes = await Promise.all(
      ["echo.first", "echo.second"].map(
        async (id) => nodes.find((node) => node.id === id && node.isRunning) ?? start(id),
      ),
    );
    await eventually(() => available("echo.first") && available("echo.second"));
  });
  afterEach(() => Promise.all([machineSpeed.end(), ...nodes.slice(2).map((node) => node.end("SIGKILL"))]));

  it("costs no call and a quarter of a second at most when it crashes", async () => {
    const traffic = new Traffic(200, () => call({ pause: 20 }));
    await traffic.reaches(100);
    await nodes[0]!.end("SIGKILL");
    await traffic.reaches(400);
    told("kill -9", await traffic.end());
    expect(traffic.failures).toEqual([]);
    expect(traffic.worst).toBeLessThan(machineSpeed.allow(500));
    expect(available("echo.first")).toBe(false);
  });

  it("costs no answer that it gave before, though the news of its crash comes sooner", async () => {
    const line = await Proxy.before(nats.port);
    const settings = { TRANSPORTER: line.urlOf(nats.url) };
    nodes.push(await start("forwarder.far", ["test/support/systems/forwarding-service.ts"], settings));
    await broker.waitForServices("v1.forwarder");
    line.delay(1000);
    const answer = await broker.call("v1.forwarder.last", {}).catch((error: Error) => error.message);
    await line.close();
    expect(answer).toMatch(/^echo\.(?:first|second)$/);
  });

  it("costs no call and eight seconds at most when it freezes, also to a caller's caller, and comes back", async () => {
    const forwarding = await start("forwarder.first", ["test/support/systems/forwarding-service.ts"]);
    nodes.push(forwarding);
    await broker.waitForServices("v1.forwarder");
    const direct = new Traffic(50, () => call());
    const nested = new Traffic(50, () => broker.call("v1.forwarder.where", {}));
    await nested.reaches(100);
    nodes[0]!.signal("SIGSTOP");
    await eventually(() => !available("echo.first"));
    await nested.reaches(500);
    told("SIGSTOP", await direct.end());
    told("SIGSTOP, nested", await nested.end());
    expect([...direct.failures, ...nested.failures]).toEqual([]);
    expect(Math.max(direct.worst, nested.worst)).toBeLessThan(machineSpeed.allow(8000));
    nodes[0]!.signal("SIGCONT");
    await eventually(() => available("echo.first"));
  });

  it("costs no call and eight seconds at most when it crashes and nobody hears the system account", async () => {
    nodes.push(await start("forwarder.deaf", ["test/support/systems/forwarding-service.ts"], { NATS_SYSTEM_URL: "" }));
    await broker.waitForServices("v1.forwarder");
    const traffic = new Traffic(50, () => broker.call("v1.forwarder.where", { pause: 20 }));
    await traffic.reaches(50);
    await nodes[0]!.end("SIGKILL");
    await traffic.reaches(400);
    told("kill -9, heard by silence", await traffic.end());
    expect(traffic.failures).toEqual([]);
    expect(traffic.worst).toBeLessThan(machineSpeed.allow(8000));
  });

  it("is asked nothing more once it stops, and answers what it has", async () => {
    const traffic = new Traffic(200, () => broker.call("v1.echo.once", { pause: 30 }));
    await traffic.reaches(100);
    expect(await nodes[0]!.end("SIGTERM")).toBe(0);
    await traffic.reaches(400);
    told("SIGTERM", await traffic.end());
    expect(traffic.failures).toEqual([]);
  });

  it("still asks others for what it has to answer while it stops", async () => {
    const forwarder = ["test/support/systems/forwarding-service.ts"];
    nodes.push(await start("forwarder.first", forwarder), await start("forwarder.second", forwarder));
    await eventually(() => available("forwarder.first") && available("forwarder.second"));
    await broker.waitForServices("v1.forwarder");
    const traffic = new Traffic(200, () => broker.call("v1.forwarder.once", { pause: 30 }));
    await traffic.reaches(100);
    expect(await nodes[2]!.end("SIGTERM")).toBe(0);
    await traffic.reaches(300);
    told("SIGTERM, nested", await traffic.end());
    expect(traffic.failures).toEqual([]);
  });

  it("comes back at once when it only lost its connection", async () => {
    const line = await CutConnection.before(nats.port);
    nodes.push(await start("echo.third", echo, { TRANSPORTER: line.through(nats.url) }));
    await eventually(() => available("echo.third"));
    const changes: string[] = [];
    const note = (name: string) => (payload: { node: { id: string } }) => {
      if (payload.node.id === "echo.third") changes.push(name);
    };
    broker.localBus.on("$node.disconnected", note("gone"));
    broker.localBus.on("$node.connected", note("back"));
    const traffic = new Traffic(200, () => call());
    await traffic.reaches(100);
    line.cut();
    await eventually(() => changes.includes("back"));
    told("cut connection", await traffic.end());
    expect(changes).toEqual(["gone", "back"]);
    expect(traffic.failures).toEqual([]);
    await line.close();
  });

  it("is told from one whose server was away, and a crash is noticed at once again", async () => {
    const changes: string[] = [];
    broker.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) => void changes.push(node.id));
    await nats.stop();
    // Longer than a node may be silent.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await nats.restart();
    await eventually(() => call().catch(() => null));
    expect(changes).toEqual([]);
    await eventually(hearsOfCrashes);
    const traffic = new Traffic(100, () => call({ pause: 20 }));
    await traffic.reaches(50);
    await nodes[0]!.end("SIGKILL");
    await traffic.reaches(200);
    told("kill -9 after a restart of NATS", await traffic.end());
    expect(traffic.failures).toEqual([]);
    expect(traffic.worst).toBeLessThan(machineSpeed.allow(500));
    expect(changes).toEqual(["echo.first"]);
  });
});
