/** A Moleculer node that knows nothing of this platform calls its actions and hears its events. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey } from "#core/context.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { orderOf } from "../support/actors/client.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";

interface Message {
  readonly order?: unknown;
  readonly anonymous?: unknown;
  readonly event?: string;
  readonly payload?: { readonly type: string; readonly data: { readonly orderId: string } };
}

describe("a stock Moleculer node", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-interoperability-"));
  const customer = newId();
  let nats: Nats;
  let broker: ServiceBroker;
  let productId: string;

  const signedIn = async (id: string, role: string) =>
    withKey(newId(), { meta: { accessToken: await signAccessToken({ id, roles: [role], session: newId() }) } });
  const buy = async () =>
    broker.call<{ id: string }, object>("order.create", orderOf(productId), await signedIn(customer, "customer"));

  beforeAll(async () => {
    nats = await startNats({ folder });
    broker = await joinCluster("node.test", { TRANSPORTER: nats.url, BUS: "local" }, async () => {
      const names = ["user", "product", "order", "payment"];
      const modules = await Promise.all(names.map((name) => import(`../../services/${name}/${name}.service.ts`)));
      return modules.map((module) => (module as { default: ServiceSchema }).default);
    });
    const price = { amount: 39_000, currency: "KRW" };
    const goods = { name: "Onggi", description: "Breathing earthenware.", price, stock: 10 };
    const admin = await signedIn(newId(), "admin");
    ({ id: productId } = await broker.call<{ id: string }, object>("product.create", goods, admin));
  });
  afterAll(async () => {
    await broker.stop();
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("meets a cluster that says that it is open", async () => {
    const env = { TRANSPORTER: nats.url, BUS: "local" };
    const node = await NodeProcess.start({ id: "echo.open", services: ["test/support/systems/echo-service.ts"], env });
    await node.end();
    expect(node.output.match(/This cluster is open/g)).toHaveLength(1);
  });

  it("reads an order with its customer's token, is refused without, and hears of the next one", async () => {
    const { id } = await buy();
    const { accessToken } = (await signedIn(customer, "customer")).meta as { accessToken: string };
    const messages: Message[] = [];
    const node = fork(
      join(import.meta.dirname, "../support/systems/plain-moleculer-node.mjs"),
      [nats.url, id, accessToken],
      {
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      },
    );
    node.on("message", (message) => void messages.push(message as Message));
    try {
      const called = await eventually(() => messages.find(({ order }) => order));
      expect(called.order).toMatchObject({ id, status: "confirmed" });
      expect(called.anonymous).toEqual({ type: "UNAUTHENTICATED" });
      await broker.waitForServices("listener");
      const next = await buy();
      const heard = await eventually(() => messages.find(({ event }) => event === "order.confirmed"));
      expect(heard.payload).toMatchObject({ type: "order.confirmed", version: 1, data: { orderId: next.id } });
    } finally {
      node.kill("SIGKILL");
      await once(node, "exit");
    }
  });
});
