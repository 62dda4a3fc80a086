/** Another bus beside the containers, as the operator's guide says: orders are told over it, and customers get their mail. */
import { Client, orderOf } from "../support/actors/client.ts";
import { type Mail, parseMail } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Deployment } from "./deployment.ts";

const PATIENCE = 300_000;

let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.copy("API_REPLICAS=1", "ORDER_REPLICAS=1");
});
afterAll(() => deployment.remove());

/** What a customer was written about an order. */
async function mailsAbout(number: string, email: string): Promise<Mail[]> {
  const files =
    "docker compose exec -T notification bash -c 'for mail in /data/mail/*.eml; do base64 -w 0 $mail; echo; done'";
  const mails = (await deployment.run(files)).split("\n").filter(Boolean);
  return mails
    .map((mail) => parseMail(Buffer.from(mail, "base64").toString()))
    .filter(({ to, text }) => to === email && text.includes(number));
}

// The second one is a change of the bus in a deployment that has orders.
it.each(["rabbitmq", "kafka"])("over %s an order is placed, told and written about", async (bus) => {
  await deployment.run(
    `docker compose --profile '*' down && printf 'API_REPLICAS=1\\nORDER_REPLICAS=1\\nCOMPOSE_PROFILES=${bus}\\nBUS_SECRET=${bus}_url\\n' > .env`,
  );
  await deployment.run("node deploy/secrets.mjs && docker compose up --detach --build --wait");
  // Mail goes to addresses that are known to be their owners', as that of the demo's customer.
  const signIn = await deployment.seed();
  expect(deployment.healthy(bus)).toEqual([1]);
  const customer = await new Client(deployment.url).as(signIn);
  const { body } = await customer.get<{ items: { id: string }[] }>("/products?sort=price&limit=1");
  const { body: order } = await customer.post<{ id: string; number: string }>("/orders", orderOf(body.items[0]!.id));
  expect(
    await eventually(
      async () => (await customer.get<{ status: string }>(`/orders/${order.id}`)).body.status === "confirmed",
    ),
  ).toBe(true);
  // One about the payment and one that it is confirmed.
  await eventually(async () => (await mailsAbout(order.number, signIn.email)).length >= 2, PATIENCE);
});
