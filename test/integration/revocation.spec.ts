/** Rights that are taken away in one node end in all others: a real NATS server, the user service in a node of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const password = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "madang-revocation-"));

let nats: Nats;
let env: Record<string, string>;
let broker: ServiceBroker;
let users: NodeProcess;
const others: NodeProcess[] = [];

const usersNode = () => NodeProcess.start({ id: "user.only", services: ["services/user/user.service.ts"], env });
const guardNode = (id: string) => NodeProcess.start({ id, services: ["test/support/systems/guarded-service.ts"], env });

beforeAll(async () => {
  nats = await startNats({ folder });
  env = { TRANSPORTER: nats.url, BUS: "nats", SERVICE_KEY: "a key that only this deployment has" };
  users = await usersNode();
  broker = await joinCluster("guard.here", env, async () => [
    ...(await import("../support/systems/guarded-service.ts")).services,
    { name: "caller", version: 1 },
  ]);
  others.push(await guardNode("guard.there"));
  await eventually(() => broker.registry.getNodeList({ onlyAvailable: true }).length === 3);
});
afterAll(async () => {
  await Promise.all([users, ...others].map((node) => node.end("SIGKILL")));
  await broker.stop();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = <Answer>(name: string, params: object, accessToken?: string, nodeID?: string): Promise<Answer> =>
  broker.call(name, params, { meta: accessToken === undefined ? {} : { accessToken }, ...(nodeID && { nodeID }) });

async function person(...roles: string[]): Promise<{ id: string; token: string }> {
  const { newId } = await import("#core/id.ts");
  const { workContext } = await import("#core/context.ts");
  const email = `${newId()}@example.test`;
  const caller = workContext(broker.getLocalService({ name: "caller", version: 1 }));
  const seed = { email, password, name: "Them", language: "en", roles };
  const { id } = await caller.call("user.seed", seed as never);
  const { accessToken: token } = await call<{ accessToken: string }>("v1.user.signIn", { email, password });
  return { id, token };
}

/** What a node answers to this token. */
const answer = (level: "customer" | "staff", token: string, node = "guard.here"): Promise<string> =>
  call<string>(`v1.guard.${level}`, {}, token, node).catch(({ type }: { type: string }) => type);

it("ends what staff may change at once, in every node", async () => {
  const [admin, ...staff] = [
    await person("admin"),
    await person("staff"),
    await person("staff"),
    await person("staff"),
  ];
  for (const { id, token } of staff) {
    expect([await answer("staff", token), await answer("staff", token, "guard.there")]).toEqual(["done", "done"]);
    await call("v1.user.setRoles", { id, roles: ["customer"] }, admin.token);
    // No pause: neither node may have heard of it by itself.
    expect(await Promise.all([answer("staff", token), answer("staff", token, "guard.there")])).toEqual([
      "SESSION_ENDED",
      "SESSION_ENDED",
    ]);
  }
});

it("ends what a customer who left may do, in nodes that were told and in one that starts afterwards", async () => {
  const { token } = await person("customer");
  expect([await answer("customer", token), await answer("customer", token, "guard.there")]).toEqual(["done", "done"]);
  await call("v1.user.erase", { password }, token);
  await eventually(async () => (await answer("customer", token)) === "SESSION_ENDED");
  await eventually(async () => (await answer("customer", token, "guard.there")) === "SESSION_ENDED");
  others.push(await guardNode("guard.late"));
  await eventually(() => broker.registry.getNodeList({ onlyAvailable: true }).some(({ id }) => id === "guard.late"));
  expect(await answer("customer", token, "guard.late")).toBe("SESSION_ENDED");
});

it("serves customers while the user service is away, and keeps staff from changes", async () => {
  const [customer, staff] = [await person("customer"), await person("staff")];
  await users.end("SIGKILL");
  await eventually(() => broker.registry.getNodeList({ onlyAvailable: true }).every(({ id }) => id !== "user.only"));
  expect(await answer("customer", customer.token)).toBe("done");
  expect(await answer("staff", staff.token)).toBe("SERVICE_NOT_AVAILABLE");
  // Who is staff buys as everybody does.
  expect(await answer("customer", staff.token)).toBe("done");
  users = await usersNode();
  await eventually(async () => (await answer("staff", staff.token)) === "done");
});
