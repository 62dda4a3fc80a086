/** The operator's guide on a real container engine: build, start, seed, scale, kill, upgrade, replace a secret, restore. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { services as placed } from "../../deploy/topology.ts";
import { serviceNames } from "../support/fixtures/source.ts";
import { Client, orderOf } from "../support/actors/client.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { order, probe, type Report, read } from "../support/actors/prober.ts";
import { Deployment } from "./deployment.ts";

const PATIENCE = 120_000;

/** Those that run without being asked for. */
const usual = serviceNames.filter((name) => !placed[name]!.profiles);

let deployment: Deployment;
let customer: Client;
let productId: string;

beforeAll(async () => {
  deployment = await Deployment.copy();
});
afterAll(() => deployment.remove());

/** Customers read and order without pause while an operator works. */
async function customersDuring(work: () => Promise<unknown>): Promise<Report> {
  const clients = await Promise.all(Array.from({ length: 4 }, () => new Client(deployment.url).newCustomer()));
  const lines = [
    { name: "read", clients, ask: read(`/products/${productId}`), rate: 5 },
    { name: "order", clients, ask: order(orderOf(productId)), rate: 2 },
  ];
  const report = await probe(lines, work());
  process.stdout.write(`${expect.getState().currentTestName}: ${report.figures}\n`);
  return report;
}

const isOpen = async () => (await fetch(`${deployment.url}/readyz`).catch(() => null))?.status === 200;
const works = async () => (await customer.post("/orders", orderOf(productId))).status === 201;
/** The lines of the operator's guide between these two, so that what is tried is what is written. */
function guide(from: string): string {
  const text = readFileSync(join(deployment.folder, "docs/guide/operations.md"), "utf8");
  const block = [...text.matchAll(/```bash\n([^]*?)```/g)]
    .map(([, lines]) => lines!)
    .find((lines) => lines.includes(from));
  if (!block) throw new Error(`The operator's guide has no commands with ${from}.`);
  return block;
}

it("builds one image, and leaves no other", async () => {
  await deployment.run("docker compose build");
  expect(
    (
      await deployment.run(
        "docker images --quiet --filter dangling=true --filter label=org.opencontainers.image.title=Madang",
      )
    ).trim(),
  ).toBe("");
});

it("starts from nothing, with as many nodes as the file says", async () => {
  await deployment.run("docker compose up --detach --build --wait");
  await eventually(isOpen, PATIENCE);
  expect(deployment.healthy(...usual.filter((name) => !["api", "order"].includes(name)), "api", "order")).toEqual([
    ...usual.filter((name) => !["api", "order"].includes(name)).map(() => 1),
    2,
    3,
  ]);
});

it("is seeded, and sells", async () => {
  const signIn = await deployment.seed();
  // Run again, it tells what is true.
  expect(await deployment.seed()).toEqual(signIn);
  expect((await new Client(deployment.url).post("/sessions", signIn)).status).toBe(201);
  customer = await new Client(deployment.url).newCustomer();
  const { body } = await customer.get<{ items: { id: string }[] }>("/products?sort=price&limit=1");
  productId = body.items[0]!.id;
  // However long the others take, it is not sold out.
  const boss = await new Client(deployment.url).as(await deployment.administrator());
  const delivery = { quantity: 100_000, reason: "delivery" };
  expect((await boss.post(`/products/${productId}/stock/adjustments`, delivery)).status).toBe(200);
  await eventually(works, PATIENCE);
});

it("logs one JSON object a line", async () => {
  const lines = await deployment.logs(...usual, "provider");
  const isJson = (line: string) => {
    try {
      return typeof JSON.parse(line) === "object";
    } catch {
      return false;
    }
  };
  expect(lines.length).toBeGreaterThan(usual.length);
  expect(lines.filter((line) => !isJson(line))).toEqual([]);
});

it("keeps the other services' nodes when one is scaled, and the number in .env afterwards", async () => {
  const report = await customersDuring(async () => {
    await deployment.run(
      "docker compose scale api=3 && echo PAYMENT_REPLICAS=2 >> .env && docker compose up --detach --wait",
    );
  });
  expect(deployment.healthy("payment", "order", "api")).toEqual([2, 3, 2]);
  expect(report.failures).toEqual([]);
});

it("fails no request when nodes are killed", async () => {
  const report = await customersDuring(async () => {
    for (const service of ["order", "api", "payment"])
      await deployment.run(`docker kill ${deployment.containers(service)[0]!.ID}`);
  });
  expect(report.failures).toEqual([]);
  await deployment.run("docker compose up --detach --wait");
  expect(deployment.healthy("payment", "order", "api")).toEqual([2, 3, 2]);
  // What HAProxy tells, it tells once: a log of its own would say it without the level.
  const down = (await deployment.logs("haproxy")).filter((line) => / is DOWN/.test(line));
  expect(down.length).toBeGreaterThan(0);
  expect(down.filter((line) => !line.startsWith("[WARNING]"))).toEqual([]);
});

it("fails no request when a service's nodes are replaced as the guide says", async () => {
  const before = new Set(deployment.containers("order").map(({ ID }) => ID));
  const report = await customersDuring(() => deployment.run(guide("docker compose build api")));
  expect(report.failures).toEqual([]);
  const after = deployment.containers("order").map(({ ID }) => ID);
  expect(after).toHaveLength(3);
  expect(after.filter((id) => before.has(id))).toEqual([]);
});

it("answers with problems while NATS restarts, and with nothing else", async () => {
  const over = new AbortController();
  const during = deployment.run("docker compose restart nats").finally(() => over.abort());
  const answers: { status: number; type: string | null; retryAfter: string | null }[] = [];
  while (!over.signal.aborted) {
    const { status, headers } = await fetch(`${deployment.url}/api/v1/products`);
    answers.push({ status, type: headers.get("content-type"), retryAfter: headers.get("retry-after") });
  }
  await during;
  const failed = answers.filter(({ status }) => status >= 400);
  expect(failed.filter(({ type, retryAfter }) => !type?.startsWith("application/problem+json") || !retryAfter)).toEqual(
    [],
  );
  await eventually(works, PATIENCE);
});

it("takes another NATS password as the guide says, without losing a node", async () => {
  await deployment.run(guide("rm deploy/secrets/order_transporter"));
  await eventually(works, PATIENCE);
  expect(deployment.healthy("order", "api")).toEqual([3, 2]);
});

it("is restored from a backup as the guide says", async () => {
  const { body: kept } = await customer.post<{ id: string }>("/orders", orderOf(productId));
  await deployment.run(guide("pg_basebackup -h 127.0.0.1"));
  const { body: lost } = await customer.post<{ id: string }>("/orders", orderOf(productId));
  await deployment.run(guide("tar -x -C /var/lib/postgresql"));
  await eventually(works, PATIENCE);
  expect((await customer.get(`/orders/${kept.id}`)).status).toBe(200);
  expect((await customer.get(`/orders/${lost.id}`)).status).toBe(404);
});

it("costs little at rest: health checks take less than a hundredth of a core", async () => {
  // Each look is a process of its own; their number in a minute is what the intervals say.
  const inspect = await deployment.run(
    "docker compose ps --quiet | xargs docker inspect --format '{{json .Config.Healthcheck.Interval}}'",
  );
  const looks = inspect
    .split("\n")
    .filter(Boolean)
    .map((interval) => 60 / (Number(interval) / 1e9));
  const milliseconds = 29 * looks.reduce((sum, one) => sum + one, 0);
  expect(milliseconds / 60_000).toBeLessThan(0.01);
});
