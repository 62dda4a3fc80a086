/** Draining a node under load, with a real NATS server between real processes: nobody notices. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { Client } from "../support/actors/client.ts";
import { NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Traffic } from "../support/actors/traffic.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-drain-"));
let nats: Nats;
let broker: ServiceBroker;
let nodes: NodeProcess[];
beforeAll(async () => {
  nats = await startNats({ folder });
  const key = "a key that only this deployment has";
  // A call that is lost fails all the same; one that a busy machine answers late does not.
  const env = { TRANSPORTER: nats.url, BUS: "nats", SERVICE_KEY: key, REQUEST_TIMEOUT: "60000" };
  Object.assign(process.env, env, { NODE_ID: "api.test", PORT: "0" });
  // Settings are read when it is loaded.
  const { default: config } = await import("../../moleculer.config.ts");
  broker = new ServiceBroker({ ...config, logger: false, skipProcessEventRegistration: true });
  broker.createService((await import("../../services/api/api.service.ts")).default);
  await broker.start();
  nodes = await Promise.all(
    ["echo.first", "echo.second"].map((id) =>
      NodeProcess.start({ id, services: ["test/support/systems/echo-service.ts"], env }),
    ),
  );
  // Who is an administrator is asked of the user service, whatever is changed.
  nodes.push(await NodeProcess.start({ id: "user.only", services: ["services/user/user.service.ts"], env }));
  await eventually(() => where().then((one) => one !== undefined));
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.end("SIGKILL")));
  await broker.stop();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

const where = () => broker.call<string, object>("v1.echo.where", {}).catch(() => undefined);
/** The nodes that answer. */
async function answering(): Promise<readonly string[]> {
  const answers = await Promise.all(Array.from({ length: 10 }, where));
  return [...new Set(answers.map(String))].toSorted();
}
const ask = async (name: "drain" | "resume", nodeID: string) =>
  (await import("#mixins/repl/operator.ts")).call<object>(broker, `$standby.${name}`, {}, { nodeID });

it("fails no call, answers what is under way, and ends in a node that nobody asks", async () => {
  await eventually(async () => (await answering()).length === 2);
  // Not retried: whatever a node turned away would fail.
  const traffic = new Traffic(500, () => broker.call("v1.echo.once", { pause: 100 }));
  await traffic.reaches(200);
  expect(await ask("drain", "echo.first")).toEqual({ id: "echo.first", standby: true, calls: 0 });
  expect(await answering()).toEqual(["echo.second"]);
  await traffic.reaches(600);
  expect(await ask("resume", "echo.first")).toMatchObject({ standby: false });
  await eventually(async () => (await answering()).length === 2);
  await traffic.reaches(1000);
  expect(await ask("drain", "echo.second")).toMatchObject({ standby: true, calls: 0 });
  expect(await nodes[1]!.end("SIGTERM")).toBe(0);
  await traffic.reaches(1400);
  const { answered, failures, worst } = await traffic.end();
  process.stdout.write(`drain: ${answered} calls, ${failures.length} failed, worst ${worst.toFixed(0)} ms\n`);
  expect(failures).toEqual([]);
});

it("is for administrators, over HTTP and within, and for operators", async () => {
  const { signAccessToken } = await import("#mixins/node/tokens.ts");
  const { url } = (broker.getLocalService("v1.api") as unknown as { server: { url: string } }).server;
  const tokenOf = (role: string) => signAccessToken({ id: newId(), roles: [role], session: newId() });
  const drain = (meta: object) => broker.call("$standby.drain", {}, { nodeID: "echo.first", meta });
  await expect(drain({})).rejects.toMatchObject({ code: 401 });
  await expect(drain({ accessToken: await tokenOf("staff") })).rejects.toMatchObject({ code: 403, type: "FORBIDDEN" });
  const staff = new Client(url, await tokenOf("staff"));
  expect((await staff.post("/nodes/echo.first/drain", {})).status).toBe(403);
  const nodes = async () => (await staff.get<{ items: { id: string; standby: boolean }[] }>("/nodes")).body.items;
  expect(await nodes()).toContainEqual({ id: "echo.first", available: true, standby: false, services: ["v1.echo"] });

  const admin = new Client(url, await tokenOf("admin"));
  const state = { id: "echo.first", calls: 0 };
  expect(await admin.post("/nodes/echo.first/drain", {})).toMatchObject({
    status: 200,
    body: { ...state, standby: true },
  });
  expect(await nodes()).toContainEqual({ id: "echo.first", available: true, standby: true, services: [] });
  const resumed = { status: 200, body: { ...state, standby: false } };
  expect(await admin.post("/nodes/echo.first/resume", {})).toMatchObject(resumed);
  await eventually(async () => (await answering()).includes("echo.first"));
  expect((await admin.post("/nodes/nobody/drain", {})).status).toBe(404);
});
