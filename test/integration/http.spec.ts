/** The conventions of the HTTP API over the real services: versions, pages, live streams, times. */
import { newId } from "#core/id.ts";
import { address, Client, orderOf } from "../support/actors/client.ts";
import { EventStream } from "../support/actors/event-stream.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open({ LIVE_STREAMS: "2" });
  const account = { email: "ann@example.test", password: "a long enough one", name: "Ann", language: "en" as const };
  const { id } = await allServices.asService().call("user.seed", { ...account, roles: ["customer"] });
  customer = await allServices.person("customer", id);
  [staff, admin] = [await allServices.person("staff"), await allServices.person("admin")];
});
afterAll(() => allServices.close());

const as = ({ token }: Person) => new Client(allServices.url, token);

describe("what can be edited", () => {
  interface Editable {
    readonly what: string;
    readonly who: () => Person;
    /** The path to read and to edit. */
    readonly path: () => Promise<string>;
    readonly edit?: readonly [method: string, path: string];
    readonly body: (round: number) => object;
  }

  const editables: readonly Editable[] = [
    {
      what: "a product",
      who: () => staff,
      path: async () => `/products/${await allServices.product()}`,
      body: (round) => ({ name: `Tea ${round}` }),
    },
    {
      what: "a price",
      who: () => staff,
      path: async () => `/products/${await allServices.product()}`,
      edit: ["PUT", "/price"],
      body: (round) => ({ price: won(2000 + round) }),
    },
    {
      what: "my profile",
      who: () => customer,
      path: async () => "/users/me",
      body: (round) => ({ name: `Ann ${round}` }),
    },
    {
      what: "an address",
      who: () => customer,
      path: async () => `/users/me/addresses/${(await customer.call("user.addAddress", address)).id}`,
      body: (round) => ({ city: `Busan ${round}` }),
    },
    {
      what: "my preferences",
      who: () => customer,
      path: async () => "/notification-preferences",
      edit: ["PUT", ""],
      body: (round) => ({ email: true, sms: round % 2 === 0, push: true }),
    },
    {
      what: "a user's roles",
      who: () => admin,
      path: async () => `/users/${customer.id}`,
      edit: ["PUT", "/roles"],
      body: () => ({ roles: ["customer"] }),
    },
  ];

  it.each(editables)(
    "$what is guarded by its ETag",
    async ({ who, path, edit: [method, below] = ["PATCH", ""], body }) => {
      const [client, url] = [as(who()), await path()];
      const change = (round: number, tag: string) =>
        client.send<{ code?: string }>(method, `${url}${below}`, { body: body(round), headers: { "if-match": tag } });
      const read = await client.get(url);
      const tag = read.headers.get("etag")!;
      const known = await client.send("GET", url, { headers: { "if-none-match": tag } });
      expect([known.status, known.body, known.headers.get("etag")]).toEqual([304, null, tag]);

      const changed = await change(1, tag);
      const next = changed.headers.get("etag")!;
      expect(changed.status).toBe(200);
      expect(next).not.toBe(tag);
      const stale = await change(2, tag);
      expect([stale.status, stale.body.code]).toEqual([412, "STALE_VERSION"]);
      expect((await client.get(url)).headers.get("etag")).toBe(next);
      expect((await client.send("GET", url, { headers: { "if-none-match": tag } })).status).toBe(200);
      expect((await change(3, "*")).status).toBe(200);
    },
  );

  it("lets one of many editors through, who all read the same version", async () => {
    const url = `/products/${await allServices.product()}`;
    const tag = (await as(staff).get(url)).headers.get("etag")!;
    const edits = Array.from({ length: 10 }, (_, n) =>
      as(staff).send("PATCH", url, { body: { name: `Tea ${n}` }, headers: { "if-match": tag } }),
    );
    const statuses = (await Promise.all(edits)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(9).fill(412)]);
  });

  it("does not remove what has changed", async () => {
    const { id } = await customer.call("user.addAddress", address);
    const [client, url] = [as(customer), `/users/me/addresses/${id}`];
    const tag = (await client.get(url)).headers.get("etag")!;
    await customer.call("user.editAddress", { id, city: "Busan" });
    expect((await client.send("DELETE", url, { headers: { "if-match": tag } })).status).toBe(412);
    const current = (await client.get(url)).headers.get("etag")!;
    expect((await client.send("DELETE", url, { headers: { "if-match": current } })).status).toBe(204);
  });
});

describe("lists", () => {
  interface Page {
    readonly items: readonly object[];
    readonly nextCursor: string | null;
  }

  const lists: readonly (readonly [path: string, who: () => Person])[] = [
    ["/products", () => customer],
    ["/products?sort=price", () => customer],
    ["/products?sort=-price", () => customer],
    ["/products?sort=name", () => customer],
    ["/categories", () => customer],
    ["/orders", () => customer],
    ["/orders/parked", () => staff],
    ["/payments", () => customer],
    ["/payment-methods", () => customer],
    ["/payments/sandbox/charges", () => admin],
    ["/notifications", () => customer],
    ["/users", () => admin],
    ["/products/:product/prices", () => staff],
    ["/products/:product/stock/movements", () => staff],
    ["/payments/:payment/refunds", () => customer],
  ];
  let ids: { product: string; payment: string };

  beforeAll(async () => {
    const product = await allServices.product(won(1000), 100);
    let payment = "";
    const tokens = ["tok_success", "tok_declined", "tok_3ds", "tok_delayed", "tok_timeout"];
    for (const [n, token] of tokens.entries()) {
      await allServices.product(won(500), 10, `Tea ${n % 2}`);
      await staff.call("product.createCategory", { name: `Category ${n}` });
      await staff.call("product.setPrice", {
        id: product,
        price: won(1000 + n),
        from: new Date(2100, n).toISOString(),
      });
      await staff.call("product.adjustStock", { id: product, quantity: 1, reason: "delivery" });
      await customer.call("payment.saveMethod", { token });
      payment = (await customer.call("order.create", orderOf(product, 5))).paymentId!;
      const account = {
        email: `${newId()}@example.test`,
        password: "a long enough one",
        name: "Bo",
        language: "en" as const,
      };
      await allServices.asService().call("user.seed", { ...account, roles: ["customer"] });
    }
    for (let n = 1; n < 6; n += 1) {
      await staff.call("payment.refund", { id: payment, amount: won(n), reason: "a scratch" });
    }
    ids = { product, payment };
    await eventually(async () => (await customer.call("notification.list", { limit: 100 })).items.length >= 20);
  });

  const fill = (path: string) => path.replace(":product", ids.product).replace(":payment", ids.payment);
  const withQuery = (path: string, query: string) => `${path}${path.includes("?") ? "&" : "?"}${query}`;

  it.each(lists)("%s gives every item once, in the same order, whatever the size of the page", async (path, who) => {
    const [client, url] = [as(who()), fill(path)];
    // Mails are still sent; a list that changes meanwhile says nothing.
    const all = await eventually(async () => {
      const { body } = await client.get<Page>(withQuery(url, "limit=100"));
      return JSON.stringify(body).includes('"queued"') ? null : body;
    });
    expect(all.nextCursor).toBeNull();
    const seen: object[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "limit=2" : `limit=2&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await client.get<Page>(withQuery(url, query));
      expect(status).toBe(200);
      seen.push(...body.items);
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(all.items);
    if (path !== "/orders/parked") expect(seen.length).toBeGreaterThan(4);
  });

  it.each(lists)("%s refuses cursors that are not its own, and goes on working", async (path, who) => {
    const [client, url] = [as(who()), fill(path)];
    const positions = [[1e308], [-1], [0.5], [null], [[]], [1, 2, 3, 4], ["newest", 1], "x", {}];
    for (const position of positions) {
      const cursor = Buffer.from(JSON.stringify(position)).toString("base64url");
      for (let n = 0; n < 2; n += 1) {
        const { status } = await client.get(withQuery(url, `cursor=${cursor}`));
        expect([path, position, status < 500]).toEqual([path, position, true]);
      }
    }
    const { status, body } = await client.get<{ code: string }>(withQuery(url, "cursor=%00"));
    expect([status, body.code]).toEqual([422, "VALIDATION_FAILED"]);
    expect((await client.get(url)).status).toBe(200);
  });

  it.each([["limit=0"], ["limit=101"], ["limit=ten"], ["limit=1&limit=2"], ["limit="], ["size=5"], ["limit=1.5"]])(
    "refuse %s",
    async (query) => {
      const { status, body } = await as(customer).get<{ code: string }>(`/orders?${query}`);
      expect([status, body.code]).toEqual([422, "VALIDATION_FAILED"]);
    },
  );
});

describe("live streams", () => {
  const eventsOf = (id: string) => `${allServices.url}/api/v1/orders/${id}/events`;

  it("show an order to its owner and to staff, and are not there for strangers and nobody", async () => {
    const { id } = await customer.call("order.create", orderOf(await allServices.product()));
    const streams = await Promise.all([customer, staff].map(({ token }) => EventStream.open(eventsOf(id), token)));
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    await eventually(() => streams.every(({ names }) => names.length === 2));
    await Promise.all(streams.map((stream) => stream.close()));
    const stranger = await as(await allServices.person()).get<{ code: string }>(`/orders/${id}/events`);
    expect([stranger.status, stranger.body.code]).toEqual([404, "NOT_FOUND"]);
    expect((await new Client(allServices.url).get(`/orders/${id}/events`)).status).toBe(401);
  });

  it("tell each what happens to theirs, as it happens", async () => {
    const tea = await allServices.product();
    const people = [await allServices.person(), await allServices.person()];
    const orders = await Promise.all(people.map((one) => one.call("order.create", orderOf(tea, 1, "tok_3ds"))));
    const streams = await Promise.all(people.map(({ token }, n) => EventStream.open(eventsOf(orders[n]!.id), token)));
    await people[0]!.call("payment.confirm", { id: orders[0]!.paymentId! });
    await people[1]!.call("order.cancel", { id: orders[1]!.id });
    await eventually(() => streams.every(({ names }) => names.length === 2));
    expect(streams.map(({ names }) => names)).toEqual([
      ["order.placed", "order.confirmed"],
      ["order.placed", "order.cancelled"],
    ]);
    for (const [n, { received }] of streams.entries()) {
      expect(new Set(received.map(({ data }) => data["orderId"]))).toEqual(new Set([orders[n]!.id]));
      expect(received.map(({ id }) => Number(id))).toEqual(
        received.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
      );
    }
    await Promise.all(streams.map((stream) => stream.close()));
  });

  it("are limited for one person, until one is closed", async () => {
    const somebody = await allServices.person();
    const { id } = await somebody.call("order.create", orderOf(await allServices.product()));
    const open = () => EventStream.open(eventsOf(id), somebody.token);
    const [first, second] = [await open(), await open()];
    const refused = await as(somebody).get<{ code: string }>(`/orders/${id}/events`);
    expect([refused.status, refused.body.code, refused.headers.get("retry-after")]).toEqual([429, "RATE_LIMITED", "5"]);
    await first.close();
    await eventually(async () => {
      const stream = await open();
      await stream.close();
      return stream.status === 200;
    });
    await second.close();
  });
});

describe("times", () => {
  it("that no clock shows are refused", async () => {
    const url = `/products/${await allServices.product()}/price`;
    const set = (from: string) => as(staff).send<{ code: string }>("PUT", url, { body: { price: won(1), from } });
    for (const from of ["2030-12-31T23:59:60Z", "2030-02-30T00:00:00Z", "2030-01-01", "tomorrow"]) {
      const { status, body } = await set(from);
      expect([from, status, body.code]).toEqual([from, 422, "VALIDATION_FAILED"]);
    }
    expect((await set("2030-12-31T23:59:59.5+09:00")).status).toBe(200);
    const past = await set("2020-01-01T00:00:00Z");
    expect([past.status, past.body.code]).toEqual([422, "PRODUCT_PRICE_IN_PAST"]);
  });
});
