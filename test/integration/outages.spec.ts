/**
 * NATS and PostgreSQL go and come back between real processes: who asks a gateway hears so, and what may be asked again is.
 * @databases postgres: it is stopped
 */
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { endsWithin } from "../support/fixtures/clock.ts";
import { joinCluster, NodeProcess } from "../support/systems/nodes.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { tokenOf } from "../support/actors/people.ts";
import { makeDatabases, ownPostgres } from "../support/systems/storage.ts";
import { Traffic } from "../support/actors/traffic.ts";

/** Milliseconds: no attempt ends by it in time, so that what ends does so for another reason. */
const TIMEOUT = 60_000;

const postgres = await ownPostgres();
let nats: Nats;
let broker: ServiceBroker;
let gateway: string;
/** Another, which waits for NATS as long as it takes. */
let patient: string;
let products: NodeProcess[];
let others: NodeProcess[];
let authorization: string;
let book: string | undefined;

beforeAll(async () => {
  nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
  await makeDatabases(["user", "product"]);
  const env = { TRANSPORTER: nats.url, BUS: "nats", RATE_LIMIT: "off", REQUEST_TIMEOUT: `${TIMEOUT}` };
  const start = (id: string, port = 0) => {
    const service = id.split(".")[0]!;
    const services = [`services/${service}/${service}.service.ts`];
    return NodeProcess.start({ id, services, env: { ...env, NATS_PATIENCE: `${TIMEOUT}`, PORT: `${port}` } });
  };
  const port = await freePort();
  patient = `http://127.0.0.1:${port}`;
  products = await Promise.all(["product.first", "product.second"].map((id) => start(id)));
  others = await Promise.all([start("user.only"), start("api.patient", port)]);
  broker = await joinCluster("api.test", { ...env, PORT: "0" }, async () => [
    (await import("../../services/api/api.service.ts")).default,
  ]);
  ({ url: gateway } = (broker.getLocalService("v1.api") as unknown as { server: { url: string } }).server);
  authorization = `Bearer ${await tokenOf("root", "staff")}`;
  for (const url of [gateway, patient]) book = await eventually(async () => (await create(url)).id);
});
afterAll(async () => {
  await broker.stop();
  await Promise.all([...products, ...others].map((node) => node.end("SIGKILL")));
  await nats.stop();
});

interface Answer {
  readonly status: number;
  readonly id?: string;
  readonly code?: string;
  /** That it is a problem, and says when to ask again. */
  readonly saysWhen: boolean;
}

async function ask(url: string, method: string, path: string, body?: object, headers = {}): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization, "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
  const saysWhen = isProblem === true && Number(answer.headers.get("retry-after")) > 0;
  return { saysWhen, ...((await answer.json()) as object), status: answer.status };
}

const thing = { name: "Dune", description: "Sand.", price: { amount: 1000, currency: "KRW" }, stock: 1 };
/** Nobody may repeat it. */
const create = (url: string) => ask(url, "POST", "/products", thing);
/** May be repeated, for it has a key. */
const add = (url: string) =>
  ask(
    url,
    "POST",
    `/products/${book}/stock/adjustments`,
    { quantity: 1, reason: "delivery" },
    { "idempotency-key": newId() },
  );
const read = (url: string) => ask(url, "GET", `/products/${book}`);
const all = (url: string) => [read(url), add(url), create(url)];

const unavailable = (code: unknown = expect.any(String)) =>
  expect.objectContaining({ status: 503, code, saysWhen: true });

async function expectTraffic(url: string, happen: (reads: Traffic) => Promise<unknown>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const note = async (answer: Promise<Answer>) => void answers.push(await answer);
  const traffics = [new Traffic(30, () => note(read(url))), new Traffic(15, () => note(add(url)))];
  await happen(traffics[1]!);
  const ended = await Promise.all(traffics.map((one) => one.end()));
  expect(ended.flatMap(({ failures }) => failures)).toEqual([]);
  return answers;
}

describe("NATS", () => {
  const waiting = () => broker.transit!.pendingRequests.size;

  it("that goes away lets nobody wait, and who may not repeat a request hears that it may have happened", async () => {
    products.forEach((node) => node.signal("SIGSTOP"));
    const underWay = Promise.all(all(gateway));
    await eventually(() => waiting() === 3);
    await nats.stop();
    products.forEach((node) => node.signal("SIGCONT"));
    expect(await endsWithin(TIMEOUT / 2, underWay)).toBe(true);
    expect(await underWay).toEqual([
      unavailable("SERVICE_UNAVAILABLE"),
      unavailable("SERVICE_UNAVAILABLE"),
      unavailable("ANSWER_LOST"),
    ]);
    const asked = Promise.all(all(gateway));
    expect(await endsWithin(TIMEOUT / 2, asked)).toBe(true);
    expect(await asked).toEqual(Array(3).fill(unavailable("SERVICE_UNAVAILABLE")));
    await nats.restart();
    await eventually(async () => (await Promise.all(all(gateway))).every(({ status }) => status < 300));
    expect((await (await fetch(`${gateway}/health`)).json()) as object).toMatchObject({ breakers: [] });
  });

  it("that is restarted costs no request that may be asked again", async () => {
    const answers = await expectTraffic(patient, async (writes) => {
      await writes.reaches(20);
      await nats.stop();
      await nats.restart();
      await writes.reaches(60);
    });
    expect(answers.filter(({ status }) => status >= 300)).toEqual([]);
  });
});

describe("PostgreSQL", () => {
  it("that is restarted is answered 503 for as long as it lasts", async () => {
    const answers = await expectTraffic(gateway, async (writes) => {
      await writes.reaches(10);
      await postgres.stop();
      await writes.reaches(40);
      expect(await add(gateway)).toEqual(unavailable());
      await postgres.restart();
      await eventually(async () => (await add(gateway)).status < 300);
    });
    const refused = answers.filter(({ status }) => status >= 300);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused).toEqual(refused.map(() => unavailable()));
  });
});
