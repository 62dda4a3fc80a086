/** What a contract says of an answer, as clients read it over HTTP: where the thing is, and whether the work goes on. */
import { address, Client, orderOf } from "../support/actors/client.ts";
import { AllServices, type Person, type Role, won } from "../support/systems/all-services.ts";

let allServices: AllServices;
let customer: Client;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open({ ORDER_ANSWER_BUDGET: "2000", ORDER_ATTEMPTS: "1" });
  customer = await client();
  tea = await allServices.product();
});
afterAll(() => allServices.close());

const client = async (role?: Role): Promise<Client> => {
  const { token }: Person = await allServices.person(role);
  return new Client(() => allServices.url, token);
};

interface Order {
  readonly id: string;
  readonly status: string;
}

/** Status, what the order is, and where. */
const told = ({ status, headers, body }: Awaited<ReturnType<Client["post"]>>) => [
  status,
  (body as Order).status,
  headers.get("location"),
];
const place = (paymentMethod?: string) => customer.post<Order>("/orders", orderOf(tea, 1, paymentMethod));
const cancel = (id: string) => customer.post<Order>(`/orders/${id}/cancel`, {});

describe("an answer over HTTP", () => {
  it("is 201 or 200 with its Location when the work has ended", async () => {
    const placed = await place();
    const where = `/api/v1/orders/${placed.body.id}`;
    expect(told(placed)).toEqual([201, "confirmed", where]);
    expect(told(await cancel(placed.body.id))).toEqual([200, "cancelled", where]);
  });

  it("is 202 with its Location while the work goes on", async () => {
    const placed = await place("tok_3ds");
    expect(told(placed)).toEqual([202, "pending", `/api/v1/orders/${placed.body.id}`]);
  });

  it("is 202 with its Location when a person has to end the work", async () => {
    const { id } = (await place()).body;
    await allServices.remove("payment");
    expect(told(await cancel(id))).toEqual([202, "needs_attention", `/api/v1/orders/${id}`]);
    await allServices.restore("payment");
    const staff = await client("staff");
    const retried = await staff.post(`/orders/${id}/retry`, {});
    expect(told(retried)).toEqual([200, "cancelled", `/api/v1/orders/${id}`]);
  });

  it("is 301 with the present address where the thing had another one", async () => {
    const staff = await client("staff");
    const made = await staff.post<{ id: string }>("/products", { name: "녹차 moved", description: "", price: won(1) });
    await staff.send("PATCH", `/products/${made.body.id}`, { body: { slug: "차-new" } });
    const read = (slug: string) =>
      fetch(`${allServices.url}/api/v1/products/slugs/${encodeURIComponent(slug)}`, { redirect: "manual" });
    const [former, present] = [await read("녹차-moved"), await read("차-new")];
    const where = `/api/v1/products/slugs/${encodeURIComponent("차-new")}`;
    expect([former.status, former.headers.get("location"), present.status]).toEqual([301, where, 200]);
  });

  it("says where what was made is", async () => {
    const owner = await new Client(() => allServices.url).newCustomer();
    const home = await owner.post<{ id: string }>("/users/me/addresses", address);
    expect(home.headers.get("location")).toBe(`/api/v1/users/me/addresses/${home.body.id}`);
    const product = { name: "Tea", description: "", price: { amount: 1000, currency: "KRW" } };
    const made = await (await client("staff")).post<{ id: string }>("/products", product);
    expect(made.headers.get("location")).toBe(`/api/v1/products/${made.body.id}`);
  });
});
