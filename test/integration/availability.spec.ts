/** What a gateway answers when services are away, fail, or exist twice: over NATS, with nodes as processes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Health } from "#mixins/gateway/health.ts";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { MachineSpeed } from "../support/invariants/machine-speed.ts";

/** Milliseconds until a refusal. */
const LIMIT = 50;
import { tokenOf } from "../support/actors/people.ts";

const folder = mkdtempSync(join(tmpdir(), "madang-availability-"));
let nats: Nats;
let env: Record<string, string>;
let broker: ServiceBroker;
let url: string;
let sampleNode: NodeProcess;
/** It is asked who is an administrator, whatever is changed. */
let users: NodeProcess;

const startSample = () =>
  NodeProcess.start({ id: "sample.only", services: ["test/support/systems/two-versions.ts"], env });

beforeAll(async () => {
  nats = await startNats({ folder });
  env = { TRANSPORTER: nats.url, NATS_SYSTEM_URL: nats.systemUrl, BUS: "nats", RATE_LIMIT: "off", PORT: "0" };
  users = await NodeProcess.start({ id: "user.only", services: ["services/user/user.service.ts"], env });
  broker = await joinCluster("api.test", env, async () => [
    (await import("../../services/api/api.service.ts")).default,
  ]);
  ({ url } = (broker.getLocalService("v1.api") as unknown as { server: { url: string } }).server);
});
afterAll(async () => {
  await Promise.all([sampleNode, users].map((node) => node.end("SIGKILL")));
  await broker.stop();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string) {
  const answer = await fetch(`${url}${path}`);
  const body = (await answer.json()) as Record<string, unknown>;
  return { status: answer.status, headers: answer.headers, body };
}

/** Of twenty refusals in a row the slower half may have waited for a busy machine. */
async function expectRefusedAtOnce(path: string): Promise<void> {
  const machineSpeed = await MachineSpeed.start();
  let times: number[] = [];
  // A breaker lets one through now and then.
  await eventually(async () => {
    const began = performance.now();
    const { status } = await ask(path);
    times = status === 503 ? [...times, performance.now() - began] : [];
    return times.length === 20;
  });
  times.sort((a, b) => a - b);
  expect(times[10]).toBeLessThan(machineSpeed.allow(LIMIT));
  await machineSpeed.end();
}
const health = async () => (await ask("/health")).body as unknown as Health;
const eventuallyAnswers = (path: string, status: number) =>
  eventually(async () => {
    const answer = await ask(path);
    return answer.status === status ? answer : null;
  });

describe("a service that this gateway has never seen", () => {
  it("is away when the reference knows its route, and unknown when it does not", async () => {
    await ask("/api/v1/products");
    const { status, headers, body } = await ask("/api/v1/products/1");
    expect([status, body.code]).toEqual([503, "SERVICE_UNAVAILABLE"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    await expectRefusedAtOnce("/api/v1/products/1");
    expect((await ask("/api/v1/nothing")).status).toBe(404);
  });
});

describe("two versions of a service", () => {
  it("are reachable side by side, and the old one says until when", async () => {
    sampleNode = await startSample();
    const old = await eventuallyAnswers("/api/v1/sample", 200);
    expect(old.body).toEqual({ version: 1 });
    expect(old.headers.get("deprecation")).toBe(`@${Date.parse("2026-01-31") / 1000}`);
    expect(old.headers.get("sunset")).toBe("Sun, 31 Jan 2027 00:00:00 GMT");
    const { body, headers } = await ask("/api/v2/sample");
    expect(body).toEqual({ version: 2 });
    expect(headers.get("deprecation")).toBeNull();
  });

  it("are both in the reference, the old one as deprecated", async () => {
    const { body } = await ask("/openapi.json");
    const paths = body["paths"] as Record<string, { get: { deprecated?: boolean } }>;
    expect(paths["/api/v1/sample"]!.get.deprecated).toBe(true);
    expect(paths["/api/v2/sample"]!.get.deprecated).toBeUndefined();
  });
});

describe("an action that keeps failing", () => {
  const admin = async () => ({
    authorization: `Bearer ${await tokenOf("root", "admin")}`,
  });

  it("is answered 503 within 50 ms once its breaker is open, which everybody can see and a person can close", async () => {
    expect((await fetch(`${url}/api/v1/breakers/events`)).status).toBe(401);
    const watching = await fetch(`${url}/api/v1/breakers/events`, { headers: await admin() });
    let seen = "";
    void watching.body!.pipeTo(new WritableStream({ write: (chunk) => void (seen += Buffer.from(chunk).toString()) }));

    await expectRefusedAtOnce("/api/v1/sample/failing");
    const refused = await eventuallyAnswers("/api/v1/sample/failing", 503);
    expect(refused.headers.get("retry-after")).toBe("2");
    // The failing node's own breaker too, of which only it knows at first hand.
    const ours = ["api.test", "sample.only"].map((node) => ({
      node,
      action: "v1.sample.fail",
      target: "sample.only",
      state: "open",
      time: expect.any(String),
    }));
    const areOpen = ({ breakers }: Health) =>
      ours.every(({ node }) => breakers.some((one) => one.node === node && one.state === "open"));
    // Both are half-open from time to time.
    const { status, services, breakers } = await eventually(async () => {
      await ask("/api/v1/sample/failing");
      const seenNow = await health();
      return areOpen(seenNow) ? seenNow : null;
    });
    expect(status).toBe("degraded");
    expect(services).toContainEqual(expect.objectContaining({ name: "sample", version: 1, breaker: "open" }));
    expect(breakers).toEqual(expect.arrayContaining(ours));
    await eventually(() => seen.includes('"state":"open"'));
    const line = 'madang_breaker_state{action="v1.sample.fail",target="sample.only"} 2';
    await eventually(async () => {
      await ask("/api/v1/sample/failing");
      return (await (await fetch(`${url}/metrics`)).text()).includes(line);
    });

    const reset = await fetch(`${url}/api/v1/breakers/reset`, {
      method: "POST",
      headers: { ...(await admin()), "content-type": "application/json" },
      body: JSON.stringify({ action: "v1.sample.fail" }),
    });
    expect(reset.status).toBe(204);
    await eventually(async () => (await health()).breakers.length === 0);
    expect((await ask("/api/v1/sample/failing")).status).toBe(500);
    await eventually(() => seen.includes('"state":"closed"'));
    await watching.body!.cancel().catch(() => undefined);
  });
});

describe("a service that is wholly down", () => {
  it("is answered 503 within 50 ms, and 200 when it is back", async () => {
    await sampleNode.end("SIGKILL");
    await eventuallyAnswers("/api/v1/sample", 503);
    const { headers } = await ask("/api/v1/sample");
    await expectRefusedAtOnce("/api/v1/sample");
    expect(headers.get("retry-after")).toBe("2");
    const { services, breakers } = await health();
    expect(services).toContainEqual(expect.objectContaining({ name: "sample", nodes: 0, available: false }));
    expect(breakers).toEqual([]);
    sampleNode = await startSample();
    expect((await eventuallyAnswers("/api/v1/sample", 200)).body).toEqual({ version: 1 });
  });
});
