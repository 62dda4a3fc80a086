/**
 * A release whose saga has a step more is rolled out and taken back, node by node, while people buy, hundreds of orders wait for
 * their customers, and nodes are killed in between. With UPGRADE_FROM, the folder of a release before, the upgrade is from there
 * to this one, of all services; else it is from this one to a made-up next one, whose order service alone is another.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { orderOf } from "../support/actors/client.ts";
import { ClusterFaultsRun } from "../support/faults/cluster-faults-run.ts";
import { person } from "../support/actors/steady-buyers.ts";
import type { FaultContext } from "../support/faults/cluster-faults.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { NextRelease } from "../support/systems/next-release.ts";
import { root } from "../support/fixtures/source.ts";

jest.setTimeout(1_800_000);

/** Orders that wait at each release. */
const WAITING = 500;
/** Purchases beside them that begin in a second, and requests of one kind at once. */
const RATE = 10;
const AT_ONCE = 16;
const PATIENCE = 240_000;

interface Order {
  readonly id: string;
  readonly status: string;
  readonly paymentId: string | null;
}
type Buyer = Awaited<ReturnType<typeof person>>;
interface Waiting {
  readonly buyer: Buyer;
  readonly id: string;
}

/** So many at once, until all are done. */
async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) results.push(await act(item));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

describe("two nodes of each service", () => {
  let run: ClusterFaultsRun;
  const before = process.env["UPGRADE_FROM"];
  const made = before === undefined ? new NextRelease() : undefined;
  const [old, next] = [before ?? root, made?.folder ?? root];
  const releases = new Map<string, string>();

  beforeAll(async () => {
    run = await ClusterFaultsRun.open({
      nodes: 2,
      rate: RATE,
      ordinary: 1,
      direct: true,
      // The orders that wait do so until their customers come back.
      env: { ORDER_PATIENCE: "3600000", ORDER_ANSWER_BUDGET: "200" },
      release: (node) => releases.get(node) ?? old,
    });
  });
  afterAll(async () => {
    await run.close();
    made?.dispose();
  });

  /** Services that differ between the releases, those first that others ask. */
  const changed = before === undefined ? ["order"] : ["user", "product", "payment", "notification", "order", "api"];

  async function roll(context: FaultContext, folder: string): Promise<void> {
    for (const service of folder === next ? changed : changed.toReversed()) await rollOne(context, service, folder);
  }

  /** Every node of a service in turn; the other one is killed while it is away. */
  async function rollOne(context: FaultContext, service: string, folder: string): Promise<void> {
    const { cluster, random } = context;
    const [first, second] = cluster.nodes(service) as [string, string];
    for (const [name, other] of [
      [first, second],
      [second, first],
    ] as const) {
      releases.set(name, folder);
      await cluster.stopNode(name);
      await cluster.startNode(name);
      cluster.kill(other);
      context.kills += 1;
      await new Promise((resolve) => setTimeout(resolve, random.upTo(1000)));
      await cluster.startNode(other);
    }
  }

  /**
   * Orders that wait for 3-D Secure.
   * @param code of a coupon that they hold meanwhile
   */
  async function place({ cluster, random }: FaultContext, code?: string): Promise<Waiting[]> {
    const gateway = () => random.pick(cluster.urls);
    const staff = await person(gateway, "staff");
    const product = { name: "Soban", description: "A small table.", price: { amount: 12_300, currency: "KRW" } };
    const made = await eventually(async () => {
      const answer = await staff.post<{ id: string }>("/products", { ...product, stock: WAITING }).catch(() => null);
      return answer?.status === 201 ? answer.body.id : null;
    });
    return each(Array.from({ length: WAITING }), async () => {
      const buyer = await person(gateway);
      const key = { "idempotency-key": randomUUID() };
      const id = await eventually(async () => {
        const body = { ...orderOf(made, 1, "tok_3ds"), ...(code && { coupons: [code] }) };
        const answer = await buyer.post<Order>("/orders", body, key).catch(() => null);
        return answer && answer.status < 300 ? answer.body.id : null;
      }, PATIENCE);
      return { buyer, id };
    });
  }

  /** A coupon for each order; answers its code. */
  async function offer({ cluster, random }: FaultContext): Promise<string> {
    const admin = await person(() => random.pick(cluster.urls), "admin");
    const coupon = { code: "UPGRADE", kind: "percent", percent: 1000, most: WAITING };
    await eventually(async () => (await admin.post("/coupons", coupon).catch(() => null))?.status === 201, PATIENCE);
    return coupon.code;
  }

  const orderIn = ({ buyer, id }: Waiting): Promise<Order | null> =>
    buyer.get<Order>(`/orders/${id}`).then(
      ({ status, body }) => (status === 200 ? body : null),
      () => null,
    );

  /** The customers come back from their banks. */
  const prove = (orders: readonly Waiting[]) =>
    each(orders, async (order) => {
      const payment = await eventually(async () => (await orderIn(order))?.paymentId, PATIENCE);
      await eventually(async () => {
        const answer = await order.buyer
          .post(`/payments/${payment}/confirm`, {}, { "idempotency-key": randomUUID() })
          .catch(() => null);
        return answer?.status === 200;
      }, PATIENCE);
    });

  const ends = (orders: readonly Waiting[]) =>
    each(orders, (order) =>
      eventually(async () => {
        const found = await orderIn(order);
        return found && found.status !== "pending" ? found.status : null;
      }, PATIENCE),
    );

  async function unfinished({ cluster }: FaultContext): Promise<Record<string, number>> {
    const client = new pg.Client({ connectionString: await cluster.postgres.database("order") });
    await client.connect();
    const { rows } = await client.query<{ version: string; count: number }>(
      "select version::text, count(*)::int from sagas where next_at is not null group by version",
    );
    await client.end();
    return Object.fromEntries(rows.map(({ version, count }) => [version, count]));
  }

  it("finish every order by the steps that it was begun with, whichever release runs", () =>
    run.survive("a release with another saga, there and back and there again", async (context) => {
      const first = await place(context);
      const known = Object.keys(await unfinished(context));
      await roll(context, next);
      // Held by nodes that know coupons, while there are some which do not.
      const fresh = await place(context, await offer(context));
      await roll(context, old);
      await prove([...first, ...fresh]);
      expect(await ends(first)).toEqual(first.map(() => "confirmed"));
      // Nobody is there who knows their steps.
      const version = Object.keys(await unfinished(context)).find((one) => !known.includes(one));
      expect((await unfinished(context))[version!]).toBeGreaterThanOrEqual(WAITING);
      expect((await each(fresh, orderIn)).map((order) => order?.status)).toEqual(fresh.map(() => "pending"));
      await roll(context, next);
      expect(await ends(fresh)).toEqual(fresh.map(() => "confirmed"));
    }));
});
