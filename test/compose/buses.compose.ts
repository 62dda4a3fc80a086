/** Another bus beside the containers, as the operator's guide says: orders are told over it, and customers get their mail. */
import { randomUUID } from "node:crypto";
import { Client, orderOf } from "../support/actors/client.ts";
import { parseMail } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Deployment } from "./deployment.ts";

const PATIENCE = 300_000;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.copy("API_REPLICAS=1", "ORDER_REPLICAS=1");
});
afterAll(() => deployment.remove());

/** What the customer was written. */
async function subjectsTo(email: string): Promise<string[]> {
  const files =
    "docker compose exec -T notification bash -c 'for mail in /data/mail/*.eml; do base64 -w 0 $mail; echo; done'";
  const mails = (await deployment.run(files)).split("\n").filter(Boolean);
  return mails
    .map((mail) => parseMail(Buffer.from(mail, "base64").toString()))
    .filter(({ to }) => to === email)
    .map(({ subject }) => subject);
}

// The second one is a change of the bus in a deployment that has orders.
it.each(["rabbitmq", "kafka"])("over %s an order is placed, told and written about", async (bus) => {
  await deployment.run(
    `docker compose --profile '*' down && printf 'API_REPLICAS=1\\nORDER_REPLICAS=1\\nCOMPOSE_PROFILES=${bus}\\nBUS_SECRET=${bus}_url\\n' > .env`,
  );
  await deployment.run("node deploy/secrets.mjs && docker compose up --detach --build --wait");
  await deployment.run("docker compose run --rm seed");
  expect(deployment.healthy(bus)).toEqual([1]);
  const visitor = new Client(deployment.url);
  const account = { email: `${randomUUID()}@example.test`, password: randomUUID(), name: "Ann" };
  await visitor.post("/users", account);
  const customer = await visitor.as(account);
  const { body } = await visitor.get<{ items: { id: string }[] }>("/products?sort=price&limit=1");
  const { body: order } = await customer.post<{ id: string }>("/orders", orderOf(body.items[0]!.id));
  expect(
    await eventually(
      async () => (await customer.get<{ status: string }>(`/orders/${order.id}`)).body.status === "confirmed",
    ),
  ).toBe(true);
  const subjects = await eventually(async () => {
    const found = await subjectsTo(account.email);
    return found.length >= 2 && found;
  }, PATIENCE);
  expect(subjects.join("\n")).toContain("confirmed");
});
