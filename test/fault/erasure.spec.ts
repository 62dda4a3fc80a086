/** The process dies while people leave: each of them is still there as a whole, or gone as a whole. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { address, Client, orderOf } from "../support/actors/client.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";

interface Signed {
  readonly id: string;
  readonly accessToken: string;
}

let platform: Platform;
beforeAll(async () => {
  platform = await Platform.start({ env: { RATE_LIMIT: "off" } });
});
afterAll(() => platform.dispose());

const password = "correct horse battery";
const emailOf = (person: number) => `leaving-${person}@example.test`;
const streetOf = (person: number) => `무궁화꽃길 ${person}777`;

async function arrive(person: number, product: string): Promise<Client> {
  const anybody = new Client(platform.url);
  await anybody.post("/users", { email: emailOf(person), password, name: "Xanthippe" });
  const { body } = await anybody.post<Signed>("/sessions", { email: emailOf(person), password });
  const own = { ...address, line1: streetOf(person) };
  const client = new Client(platform.url, body.accessToken);
  expect((await client.post("/users/me/addresses", own)).status).toBe(201);
  const order = await client.post("/orders", { ...orderOf(product), shippingAddress: own });
  expect(order.status).toBe(201);
  return client;
}

/** Everything in the data folder. */
const everything = (): string =>
  readdirSync(platform.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString())
    .join();

it("leaves nobody half erased", async () => {
  const accounts = await platform.accounts();
  const admin = await new Client(platform.url).as(accounts.find(({ role }) => role === "admin")!);
  const price = { amount: 1000, currency: "KRW" };
  const product = await admin.post<Signed>("/products", { name: "Tea", description: "Green.", price, stock: 100 });
  const people = Array.from({ length: 6 }, (_, person) => person);
  const clients: Client[] = [];
  for (const person of people) clients.push(await arrive(person, product.body.id));

  // One after the other, until the process is gone.
  let answered = 0;
  const leaving = clients.map(async (client, turn) => {
    await sleep(turn * 15);
    // Node gives the body of a DELETE no length.
    const headers = { "content-length": String(JSON.stringify({ password }).length) };
    const { status } = await client.send("DELETE", "/users/me", { body: { password }, headers });
    if (status === 204) answered += 1;
    return status === 204;
  });
  await eventually(() => answered > 0);
  await platform.end("SIGKILL");
  const ended = await Promise.allSettled(leaving);
  const told = people.filter((_, turn) => (ended[turn] as { value?: boolean }).value === true);
  expect(told.length).toBeGreaterThan(0);

  platform = await Platform.start({ env: { RATE_LIMIT: "off" }, dataDir: platform.dataDir });
  const anybody = new Client(platform.url);
  const signIns = await Promise.all(
    people.map((person) => anybody.post<Signed>("/sessions", { email: emailOf(person), password })),
  );
  const stayed = people.filter((person) => signIns[person]!.status === 201);
  expect(told.filter((person) => stayed.includes(person))).toEqual([]);
  for (const person of stayed) {
    const client = new Client(platform.url, signIns[person]!.body.accessToken);
    const addresses = await client.get("/users/me/addresses");
    expect(addresses.body).toMatchObject({ items: [{ line1: streetOf(person) }] });
    const orders = await client.get("/orders");
    expect(orders.body).toMatchObject({ items: [{ shippingAddress: { line1: streetOf(person) } }] });
  }
  const gone = people.filter((person) => !stayed.includes(person));
  const left = () => {
    const text = everything();
    return gone.filter((person) => text.includes(emailOf(person)) || text.includes(streetOf(person)));
  };
  await eventually(() => left().length === 0, 60_000).catch(() => expect(left()).toEqual([]));
});
