/** Rights that are taken away in one node end in all others: a real NATS server, the user service in a node of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ServiceBroker } from "moleculer";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { CutConnection } from "../support/faults/cut-connection.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const password = "correct horse battery";
const folder = mkdtempSync(join(tmpdir(), "madang-revocation-"));

let nats: Nats;
let env: Record<string, string>;
let broker: ServiceBroker;
let users: NodeProcess;
const others: NodeProcess[] = [];
/** How often this node was told to ask. */
let told = 0;

const usersNode = () => NodeProcess.start({ id: "user.only", services: ["services/user/user.service.ts"], env });
const guardNode = (id: string, settings = {}) =>
  NodeProcess.start({ id, services: ["test/support/systems/guarded-service.ts"], env: { ...env, ...settings } });

beforeAll(async () => {
  nats = await startNats({ folder });
  env = { TRANSPORTER: nats.url, BUS: "nats", SERVICE_KEY: "a key that only this deployment has" };
  users = await usersNode();
  broker = await joinCluster("guard.here", env, async () => [
    ...(await import("../support/systems/guarded-service.ts")).services,
    { name: "caller", version: 1, events: { "user.revocationsChanged": () => void (told += 1) } },
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

const isHere = (id: string) => broker.registry.getNodeList({ onlyAvailable: true }).some((node) => node.id === id);

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

/** Ends what this person may do, as a node of the user service does that dies before it tells anybody. */
function eraseUntold(id: string): void {
  const database = new DatabaseSync(join(process.env.DATA_DIR!, "user.db"), { timeout: 60_000 });
  const insert = "insert into revocations (id, roles, revoked_at, until) values (?, null, ?, ?)";
  database.prepare(insert).run(id, Date.now(), Date.now() + 900_000);
  database.close();
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
  await eventually(() => isHere("guard.late"));
  expect(await answer("customer", token, "guard.late")).toBe("SESSION_ENDED");
});

it("serves customers while the user service is away, and keeps staff from changes", async () => {
  const [customer, staff] = [await person("customer"), await person("staff")];
  await users.end("SIGKILL");
  await eventually(() => !isHere("user.only"));
  expect(await answer("customer", customer.token)).toBe("done");
  expect(await answer("staff", staff.token)).toBe("SERVICE_NOT_AVAILABLE");
  // Who is staff buys as everybody does.
  expect(await answer("customer", staff.token)).toBe("done");
  users = await usersNode();
  await eventually(async () => (await answer("staff", staff.token)) === "done");
});

describe("what a node of the user service revoked, and told nobody because it died", () => {
  it("is told by another one", async () => {
    const { id, token } = await person("customer");
    expect(await answer("customer", token)).toBe("done");
    const before = told;
    eraseUntold(id);
    await eventually(() => told > before);
    await eventually(async () => (await answer("customer", token)) === "SESSION_ENDED");
    await eventually(async () => (await answer("customer", token, "guard.there")) === "SESSION_ENDED");
  });

  it("is told by the one that starts in its place", async () => {
    const { id, token } = await person("customer");
    await users.end("SIGKILL");
    await eventually(() => !isHere("user.only"));
    const before = told;
    eraseUntold(id);
    expect(await answer("customer", token)).toBe("done");
    users = await usersNode();
    await eventually(() => told > before);
    await eventually(async () => (await answer("customer", token)) === "SESSION_ENDED");
    await eventually(async () => (await answer("customer", token, "guard.there")) === "SESSION_ENDED");
  });
});

describe("a node that could not be told", () => {
  it("is told when it is back after others gave it up", async () => {
    const { token } = await person("customer");
    const frozen = others[0]!;
    expect(await answer("customer", token, frozen.id)).toBe("done");
    frozen.signal("SIGSTOP");
    await eventually(async () => {
      const known = await broker.call<{ id: string }[], object>(
        "$node.list",
        { onlyAvailable: true },
        { nodeID: users.id },
      );
      return !isHere(frozen.id) && known.every((node) => node.id !== frozen.id);
    });
    await call("v1.user.erase", { password }, token);
    await eventually(async () => (await answer("customer", token)) === "SESSION_ENDED");
    const before = told;
    frozen.signal("SIGCONT");
    // Nothing new was revoked: the user service's node tells again because this one has come back.
    await eventually(() => told > before);
    await eventually(async () => (await answer("customer", token, frozen.id)) === "SESSION_ENDED");
  });

  it("asks when its own connection is back", async () => {
    const line = await CutConnection.before(nats.port);
    const cut = await guardNode("guard.cut", { TRANSPORTER: line.through(nats.url) });
    others.push(cut);
    await eventually(() => isHere(cut.id));
    const { token } = await person("customer");
    expect(await answer("customer", token, cut.id)).toBe("done");
    line.down();
    await call("v1.user.erase", { password }, token);
    await eventually(async () => (await answer("customer", token)) === "SESSION_ENDED");
    line.up();
    await eventually(async () => (await answer("customer", token, cut.id)) === "SESSION_ENDED");
    await line.close();
  });
});
