/** The same long lists and large orders over NATS, whose messages are bounded, as within one process. */
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { startNats } from "../../scripts/cluster/servers.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const services = ["order", "product", "payment", "user", "notification"];
const nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
// The machine may be busy, and what is measured here are bytes.
const patience = { REQUEST_TIMEOUT: "60000", ORDER_ANSWER_BUDGET: "60000" };
const env = { TRANSPORTER: nats.url, BUS: "nats", ...patience };
Object.assign(process.env, env);
const { bytesOf, ended, idsOf, LINES, orderLines, readAll, seedProducts } =
  await import("../support/fixtures/large-data.ts");
const { Person } = await import("../support/systems/all-services.ts");
const { signAccessToken } = await import("#mixins/node/tokens.ts");
const { workContext } = await import("#core/context.ts");

let nodes: NodeProcess[];
let broker: ServiceBroker;

beforeAll(async () => {
  const start = (name: string) =>
    NodeProcess.start({ id: `${name}.large`, services: [`services/${name}/${name}.service.ts`], env });
  nodes = await Promise.all(services.map(start));
  const caller = { name: "caller", version: 1, actions: {} };
  broker = await joinCluster("caller.large", env, () => Promise.resolve([caller]));
  await broker.waitForServices(services.map((name) => `v1.${name}`));
});
afterAll(async () => {
  await broker.stop();
  await Promise.all(nodes.map((node) => node.end("SIGKILL")));
  await nats.stop();
});

async function people() {
  const id = newId();
  const caller = workContext(broker.getLocalService({ name: "caller", version: 1 }));
  return { caller, ann: new Person(broker, id, await signAccessToken({ id, roles: ["customer"], session: newId() })) };
}

it("reads a catalogue of long texts to its end", async () => {
  const { caller, ann } = await people();
  await seedProducts(caller, 40, "Long", "가".repeat(10_000));
  const page = await ann.call("product.list", { limit: 35 });
  expect(page.items.length).toBeLessThan(35);
  expect(page.nextCursor).toBeTruthy();
  const all = await readAll((cursor) => ann.call("product.list", { limit: 35, ...(cursor && { cursor }) }));
  expect([all.length, new Set(all.map(({ id }) => id)).size]).toEqual([40, 40]);
});

it("places, tells and lists an order of 1,000 lines with long names", async () => {
  const { caller, ann } = await people();
  const name = "나".repeat(200);
  await seedProducts(caller, LINES, name, "");
  const placed = await ann.call("order.create", orderLines(await idsOf(ann, name)));
  const order = await eventually(() => ended(ann, placed));
  expect([order.status, order.items.length]).toEqual(["confirmed", LINES]);
  expect(await readAll((cursor) => ann.call("order.list", { limit: 100, ...(cursor && { cursor }) }))).toHaveLength(1);
  const { items } = await ann.call("order.watch", { id: order.id });
  expect(bytesOf(items)).toBeLessThan(1_000_000);
  // Told over JetStream, stored by the notification service, and written to the customer.
  await eventually(async () => (await ann.call("notification.list", {})).items.length > 0);
});
