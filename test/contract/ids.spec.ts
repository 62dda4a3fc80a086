/** Ids are UUIDs, whose letters are read in either case (RFC 9562 section 4): on every route that has one in its path. */
import { address } from "../support/actors/client.ts";
import type { Ids } from "../support/fixtures/generated-requests.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { type Document, operationsOf } from "../support/fixtures/operations.ts";
import { send } from "../support/actors/raw-request.ts";
import { createOneOfEach, personWithAccount } from "../support/actors/resource-owner.ts";
import document from "../../docs/openapi.json" with { type: "json" };

const reading = operationsOf(document as unknown as Document).filter(
  ({ id, method, parameters }) =>
    method === "GET" &&
    !["order.watch", "payment.watchJob"].includes(id) &&
    parameters.some(({ in: place, schema }) => place === "path" && schema["format"] === "uuid"),
);

let allServices: AllServices;
let person: Person;
let ids: Ids;
beforeAll(async () => {
  allServices = await AllServices.open();
  person = await personWithAccount(allServices, "admin");
  ids = await createOneOfEach(allServices, person);
});
afterAll(() => allServices.close());

/** With the token of a guest's order, which its routes need. */
const get = (url: string) => {
  const headers = { "order-token": ids["order-token"]![0]! };
  return send(allServices, { method: "GET", url, headers, body: undefined }, person.token);
};

it.each(reading)("$path answers the same", async ({ path }) => {
  const owner = path.split("/{")[0]!.split("/").at(-1)!;
  const isNumbered = path.includes("{number}");
  const [known = ids["orders"]![0]!] = isNumbered ? [] : (ids[owner] ?? []);
  const url = (id: string) => path.replace("{number}", ids["guest-orders"]![0]!).replaceAll(/\{\w+\}/g, id);
  const [lower, upper] = [await get(url(known)), await get(url(known.toUpperCase()))];
  expect(upper.status).toBe(lower.status);
  if (lower.status === 200) expect(upper.body).toEqual(lower.body);
  expect([200, 404]).toContain(lower.status);
});

it("is so in bodies and queries, and two spellings of a product are one line", async () => {
  const [productId = ""] = ids["products"]!;
  const items = [productId, productId.toUpperCase()].map((one) => ({ productId: one, quantity: 1 }));
  const body = JSON.stringify({ items, paymentMethod: "tok_success", shippingAddress: address });
  const headers = { "content-type": "application/json", "idempotency-key": "upper" };
  const answer = await send(allServices, { method: "POST", url: "/api/v1/orders", headers, body }, person.token);
  expect(answer.body).toMatchObject({ items: [{ productId, quantity: 2 }] });
  const [category = ""] = ids["categories"]!;
  expect((await get(`/api/v1/products?category=${category.toUpperCase()}`)).status).toBe(200);
});
