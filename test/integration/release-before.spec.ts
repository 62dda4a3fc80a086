/** A data folder that the release before blocks had migrations has made is opened, and the shop goes on selling. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { violationsAtRest } from "../support/invariants/invariants.ts";
import { serviceNames } from "../support/fixtures/source.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

const folder = join(import.meta.dirname, "../support/fixtures/release-before");
const dataDir = process.env.DATA_DIR!;
interface Known {
  readonly people: readonly { readonly id: string; readonly email: string }[];
  readonly password: string;
  readonly products: { readonly tea: string; readonly pot: string };
  readonly confirmed: readonly string[];
  readonly cancelled: readonly string[];
  readonly waiting: string;
  readonly captured: string;
}
const known = JSON.parse(readFileSync(join(folder, "known.json"), "utf8")) as Known;
const [ann, bob] = known.people as [Known["people"][0], Known["people"][0]];

/** Ids tell when they were made. */
const madeAt = Number.parseInt(known.captured.replaceAll("-", "").slice(0, 12), 16);
const HALF_AN_HOUR = 30 * 60 * 1000;

/** Services that came later hear what is told from the moment on at which they join. */
const hex = (madeAt + HALF_AN_HOUR).toString(16).padStart(12, "0");
const newcomers = {
  services: serviceNames.filter((name) => !existsSync(join(folder, `${name}.sql`))),
  types: { order: ["payment.captured"] },
  from: `${hex.slice(0, 8)}-${hex.slice(8)}`,
};

let allServices: AllServices;
beforeAll(async () => {
  // Keys and events are kept for a while only: it is opened soon after, however old it is.
  new Clock().advance(madeAt + HALF_AN_HOUR - Date.now());
  for (const file of readdirSync(folder).filter((one) => one.endsWith(".sql"))) {
    const db = new DatabaseSync(join(dataDir, `${basename(file, ".sql")}.db`));
    db.exec(`begin; ${readFileSync(join(folder, file), "utf8")} commit;`);
    db.close();
  }
  allServices = await AllServices.open();
});
afterAll(() => allServices.close());

it("keeps accounts, orders and dead letters, ends what was under way, and sells on with right books", async () => {
  const staff = await allServices.person("staff");
  const status = async (id: string) => (await staff.call("order.get", { id })).status;
  const { email } = ann;
  expect(await allServices.broker.call("user.signIn", { email, password: known.password })).toMatchObject({
    accessToken: expect.any(String),
  });
  for (const id of known.confirmed) expect(await status(id)).toBe("confirmed");
  for (const id of known.cancelled) expect(await status(id)).toBe("cancelled");
  // Its money was taken: it goes forward. The other one's customer never came back.
  await eventually(async () => (await status(known.captured)) === "confirmed");
  await eventually(async () => (await status(known.waiting)) === "cancelled");
  const letters = await staff.call("order.listDeadLetters", {});
  expect(letters.items).toMatchObject([{ type: "payment.refunded", attempts: 8 }]);
  await staff.call("order.replayDeadLetter", { id: letters.items[0]!.id });
  const customer = await allServices.person("customer", bob.id);
  const sold = await customer.call("order.create", {
    items: [{ productId: known.products.tea, quantity: 1 }],
    paymentMethod: "tok_success",
    shippingAddress: { name: "Bob", line1: "1 Main St", city: "Seoul", postalCode: "04524", country: "KR" },
  });
  expect(sold.status).toBe("confirmed");
  expect(await violationsAtRest(dataDir, { secrets: [known.password], newcomers })).toEqual([]);
});
