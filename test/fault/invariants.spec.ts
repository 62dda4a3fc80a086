/** Whatever is wrong in the databases, the check of the invariants finds it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Known, openDatabase, violations } from "../support/invariants/invariants.ts";
import { secretsIn } from "../support/invariants/secrets.ts";
import { OrderServices } from "../support/systems/order-services.ts";

let folder: string;

beforeAll(async () => {
  const services = await OrderServices.open();
  for (const method of ["tok_success", "tok_declined"]) await services.placeOrder(method);
  await services.cancel(await services.placeOrder("tok_success"));
  await services.sendPart(await services.placeOrder("tok_success"));
  expect(await services.violations()).toEqual([]);
  await services.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "madang-books-"));
  cpSync(process.env.DATA_DIR!, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Makes one database wrong. */
function falsify(database: string, sql: string): void {
  const db = openDatabase(folder, database);
  db.exec(`pragma ignore_check_constraints = on; ${sql}`);
  db.close();
}

const sold = "(select order_id from reservations where state = 'committed')";
const another = "'00000000-0000-7000-8000-000000000000'";

it.each([
  ["stock and sold units differ from what came in", "product", "update stock_levels set on_hand = on_hand + 1"],
  [
    "the stock level is not the sum of its movements",
    "product",
    "drop trigger movements_no_delete; delete from movements where kind = 'commit'",
  ],
  ["held stock is not what reservations hold", "product", "update stock_levels set held = 1"],
  ["sellable stock is negative", "product", "update stock_levels set held = on_hand + 1"],
  ["a reservation is not what its order says", "product", "update reservations set state = 'released'"],
  ["stock is still held", "product", `update stock_levels set held = 2`],
  [
    "a reservation is not what its order says",
    "product",
    `update reservations set state = 'held' where order_id not in ${sold}`,
  ],
  [
    "the provider keeps another amount than is owed",
    "sandbox-provider",
    "update charges set refunded = 1 where refunded = 0",
  ],
  ["the provider keeps another amount than is owed", "sandbox-provider", "update charges set refunded = 0"],
  [
    "an order is charged more than once",
    "sandbox-provider",
    "drop index charges_reference; update charges set reference = (select reference from charges limit 1)",
  ],
  ["a charge belongs to no order", "sandbox-provider", `update charges set reference = ${another} where rowid = 1`],
  ["the provider still holds money", "sandbox-provider", "update charges set status = 'authorized'"],
  ["our payment differs from the provider's charge", "payment", "update payments set captured = captured + 1"],
  ["a payment belongs to no order", "payment", `update payments set order_id = ${another} where rowid = 1`],
  ["what was lost in disputes is not what the provider says", "sandbox-provider", "update charges set lost = 1"],
  ["the lost disputes do not add up", "payment", "update payments set lost = 1"],
  [
    "the captures do not add up",
    "payment",
    "insert into captures select id, id, 1, currency, 0, 'pending', created_at from payments limit 1",
  ],
  ["the refunds do not add up", "payment", "delete from refunds"],
  ["the refunds do not add up", "payment", "update refunds set status = 'pending'"],
  ["a person's points are not what the ledger says", "user", "update point_bookings set amount = amount + 1"],
  ["points are negative", "user", "update point_accounts set owed = -1"],
  ["a person's points are not what their lots hold", "user", "update point_lots set points = points + 1"],
  ["held points are not what orders hold", "user", "update point_accounts set held = 1"],
  ["an order's points are not those of its lots", "user", "delete from point_holds"],
  ["an order's points are not what it has used up", "user", "update benefit_holds set points = points + 1"],
  ["more is given back than was paid", "order", "update order_refunds set points = 10000"],
  ["an order has not ended", "order", "update orders set status = 'pending'"],
  ["an order needs attention", "order", "update orders set status = 'needs_attention'"],
  ["more units are sent, cancelled or returned than there are", "order", "update order_items set shipped = 1"],
  ["parcels hold other units than their order says", "order", "delete from shipment_items"],
  ["an order's reservation holds other units", "product", "update reservation_items set quantity = 7"],
  ["units are given up without a refund of just them", "order", "update order_refunds set items = '[]'"],
  [
    "all of an order is given up, and its refunds are not its total",
    "order",
    "update order_items set cancelled = quantity; update order_refunds set amount = 1",
  ],
  ["more is given back than was paid", "order", "update order_refunds set amount = 9000000"],
  ["a refund of an order waits or failed", "order", "update order_refunds set state = 'failed'"],
  ["a refund of an order is not the payment's", "payment", "update refunds set amount = 1"],
  ["an order's invoices are not what was captured", "order", "update order_invoices set total = total + 1"],
  [
    "the numbers of a year's documents have a gap",
    "order",
    "update order_invoices set number = 'INV-2026-000999' where rowid = 1",
  ],
  ["a saga and its order disagree", "order", "update sagas set status = 'active'"],
  ["an order has no saga", "order", "delete from sagas"],
  ["a request with a key was never answered", "order", "update orders set answer = null"],
  ["an event of order was never published", "order", "update outbox set waiting = 1"],
  ["order has not handled an event of payment", "order", "delete from inbox"],
  ["notification has not handled an event of order", "notification", "delete from inbox"],
  [
    "webhook has not handled an event of order",
    "webhook",
    `create table inbox (id text, state text, error text); create table endpoints (events text);
     insert into endpoints values ('["order.placed"]')`,
  ],
  ["notification has an unfinished event", "notification", "update inbox set state = 'dead'"],
  ["a message waits or failed", "notification", "update deliveries set status = 'failed'"],
  ["an event is without its message", "notification", "delete from deliveries"],
  ["is without its delivery", "notification", "update deliveries set status = 'sent', next_at = null"],
  ["holds a card number", "order", "update sagas set input = replace(input, 'tok_success', '4242 4242 4242 4242')"],
  [
    "holds a card number",
    "order",
    "update sagas set input = replace(input, 'tok_success', '４２４２/４２４２/４２４２/４２４２')",
  ],
  ["holds a card's security code", "order", `update sagas set input = '{"cvc":"123",' || substr(input, 2)`],
])("finds that %s", async (sentence, database, sql) => {
  falsify(database, sql);
  expect(await violations(folder)).toContainEqual(expect.stringContaining(sentence));
});

const token = ["eyJhbGciOiJFZERTQSJ9", "eyJzdWIiOiJtaW5hIn0", "c2lnbmF0dXJl"].join(".");

it.each<[string, Known]>([
  ["an acknowledged order that is not there", { acknowledged: new Map([["lost", ["confirmed"]]]) }],
  ["a password in the output", { output: "hunter2 signed in", secrets: ["hunter2"] }],
  ["a token in the output", { output: `authorization: Bearer ${token}` }],
  ["a refresh token in the output", { output: `0198c5a1-0000-7000-8000-000000000000.7.${"x".repeat(43)}` }],
  ["a card number in the output", { output: '{"card":"4242424242424242"}' }],
  ["a disguised card number in the output", { output: "paid with 4242 - 4242\u200b - 4242 - 4242." }],
])("finds %s", async (_, known) => {
  expect(await violations(folder, known)).toHaveLength(1);
});

it("finds a message that gives a card number away, however the mail is encoded", async () => {
  const text = "Card 5555 5555 5555 4444, and what else a long line of a mail may say to its reader.";
  const encoded = Buffer.from(text).toString("base64").replaceAll(/.{76}/g, "$&\r\n");
  mkdirSync(join(folder, "sms"));
  writeFileSync(join(folder, "sms", "leak.json"), encoded);
  expect(await violations(folder)).toContainEqual(expect.stringContaining("holds a card number"));
});

it("takes no boundary between the parts of a mail for a card number", () => {
  const boundary = (name: string) => `Content-Type: multipart/alternative;\r\n boundary="${name}"\r\n\r\n--${name}`;
  const look = secretsIn([]);
  expect(look(boundary("--_NmP-4111111111111111-Part_1"), "a mail")).toEqual([]);
  expect(look(boundary("4111111111111111"), "a mail")).toEqual(["a mail holds a card number"]);
});

it("takes times, ids, amounts and hashes for what they are", async () => {
  const output = "1795233252275 0198c5a1-7411-7444-8111-111122223333 4242424242424 39000 sha256-42424242424242424242Qx";
  expect(await violations(folder, { output })).toEqual([]);
});
