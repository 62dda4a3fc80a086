/** What nodes that find each other in a directory must outlast, whatever kind of directory it is. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { type Nats, type Server, startNats } from "../../../scripts/cluster/servers.ts";
import { CutConnection } from "../faults/cut-connection.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Traffic } from "../actors/traffic.ts";
import { joinCluster, NodeProcess } from "./nodes.ts";

interface Kind {
  readonly kind: "redis" | "etcd3";
  readonly start: (folder: string) => Promise<Server>;
  /** Removes everything while it runs. */
  readonly forget: (url: string) => Promise<void>;
}

/** Milliseconds. A node without a sign of life is gone after five heartbeats, each a second; an outage is longer. */
const OUTAGE = 8000;

export function directoryConformance({ kind, start, forget }: Kind): void {
  const folder = mkdtempSync(join(tmpdir(), "madang-directory-"));
  const place = join(folder, "directory");
  let nats: Nats;
  let directory: Server;
  let env: Record<string, string>;
  let broker: ServiceBroker;
  const nodes = new Map<string, NodeProcess>();
  let traffic: Traffic;
  const lost: string[] = [];

  const startNode = async (id: string, settings = {}) => {
    const services = ["test/support/systems/echo-service.ts"];
    const node = await NodeProcess.start({ id, services, env: { ...env, ...settings } });
    nodes.set(id, node);
    return node;
  };
  const isKnown = (id: string) =>
    (broker.registry.getNodeList({ onlyAvailable: true }) as unknown as { id: string }[]).some((one) => one.id === id);
  const areKnown = (...ids: string[]) => eventually(() => ids.every(isKnown));
  /** Heartbeats that have come as packets. */
  let packets = 0;

  beforeAll(async () => {
    nats = await startNats({ folder: join(folder, "nats") });
    directory = await start(place);
    env = {
      TRANSPORTER: nats.url,
      NATS_SYSTEM_URL: nats.systemUrl,
      BUS: "local",
      DISCOVERER: kind,
      DISCOVERER_URL: directory.url,
    };
    broker = await joinCluster("caller.test", env);
    broker.localBus.on("$node.disconnected", ({ node }: { node: { id: string } }) => void lost.push(node.id));
    const { tx } = broker.transit as unknown as { tx: { messageHandler(cmd: string, packet: unknown): unknown } };
    const handle = tx.messageHandler;
    tx.messageHandler = (cmd, packet) => {
      if (cmd === "HEARTBEAT") packets += 1;
      return handle.call(tx, cmd, packet);
    };
  });
  afterAll(async () => {
    await broker.stop();
    await directory.stop();
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    nodes.clear();
    await Promise.all([startNode("echo.first"), startNode("echo.second")]);
    await areKnown("echo.first", "echo.second");
    lost.length = 0;
    traffic = new Traffic(20, () => broker.call("v1.echo.where", {}));
    await traffic.reaches(20);
  });
  afterEach(async () => {
    await traffic.end();
    await Promise.all([...nodes.values()].map((node) => node.end("SIGKILL")));
    // The next nodes have the same names.
    await eventually(() => !["echo.first", "echo.second", "echo.third"].some(isKnown));
  });

  const endsWell = async () => {
    const { failures } = await traffic.end();
    expect(failures).toEqual([]);
  };

  it("find each other, and send each other no heartbeats", async () => {
    packets = 0;
    await sleep(OUTAGE);
    // A busy machine may ask the directory too late once or twice.
    expect(packets).toBeLessThan(OUTAGE / 1000);
    expect(lost).toEqual([]);
    await startNode("echo.third");
    await areKnown("echo.third");
    await endsWell();
  });

  it("lose a node that is killed, at once, and one that is frozen, until it is back", async () => {
    await nodes.get("echo.first")!.end("SIGKILL");
    await eventually(() => !isKnown("echo.first"));
    await startNode("echo.third");
    await areKnown("echo.third");
    nodes.get("echo.second")!.signal("SIGSTOP");
    await eventually(() => !isKnown("echo.second"));
    nodes.get("echo.second")!.signal("SIGCONT");
    await areKnown("echo.second");
    expect(lost).toEqual(["echo.first", "echo.second"]);
    await endsWell();
  });

  it("go on while the directory is killed, lose whoever dies meanwhile, and find new nodes once it is back", async () => {
    directory.kill("SIGKILL");
    await sleep(OUTAGE);
    expect(lost).toEqual([]);
    await nodes.get("echo.first")!.end("SIGKILL");
    await eventually(() => !isKnown("echo.first"));
    await startNode("echo.third");
    await directory.restart();
    await areKnown("echo.third");
    await sleep(OUTAGE);
    expect(lost).toEqual(["echo.first"]);
    await endsWell();
  });

  it("go on while the directory is frozen", async () => {
    directory.kill("SIGSTOP");
    await sleep(OUTAGE);
    expect(lost).toEqual([]);
    directory.kill("SIGCONT");
    await startNode("echo.third");
    await areKnown("echo.third");
    await sleep(OUTAGE);
    expect(lost).toEqual([]);
    await endsWell();
  });

  it("lose nobody by a directory that has forgotten everything, as it runs or with its disk", async () => {
    await forget(directory.url);
    await sleep(OUTAGE);
    expect(lost).toEqual([]);
    await directory.stop();
    for (const name of readdirSync(place)) rmSync(join(place, name), { recursive: true });
    await directory.restart();
    await startNode("echo.third");
    await areKnown("echo.third");
    await sleep(OUTAGE);
    expect(lost).toEqual([]);
    await endsWell();
  });

  it("keep a node that alone cannot reach the directory, and are kept by it", async () => {
    const line = await CutConnection.before(directory.port);
    const third = await startNode("echo.third", { DISCOVERER_URL: line.through(directory.url).replace(/\/$/, "") });
    await areKnown("echo.third");
    line.down();
    await eventually(() => third.output.includes("directory of nodes is away"));
    await sleep(OUTAGE);
    line.up();
    await eventually(() => third.output.includes("directory of nodes is back"));
    await sleep(OUTAGE);
    await line.close();
    expect(lost).toEqual([]);
    expect(third.output).not.toMatch(/disconnected/i);
    await endsWell();
  });
}
