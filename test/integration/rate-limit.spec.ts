/** Rate limits over the real services: who asks too often is told when to come back, and nobody else suffers. */
import { Client } from "../support/actors/client.ts";
import { Clock } from "../support/fixtures/clock.ts";
import { AllServices } from "../support/systems/all-services.ts";

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open({ RATE_LIMIT: "on", RATE_LIMIT_USER: "5", MCP_PORT: "0" });
});
afterAll(() => allServices.close());
// Nothing comes back while time stands still.
beforeEach(() => new Clock().stop());
afterEach(() => jest.restoreAllMocks());

it("holds for a person, whatever they ask for, and leaves others alone", async () => {
  const [ann, bob] = [await allServices.person(), await allServices.person()];
  const client = new Client(allServices.url, ann.token);
  const statuses: number[] = [];
  for (const path of ["/orders", "/payments", "/notifications", "/orders", "/payments"]) {
    statuses.push((await client.get(path)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const { status, headers, body } = await client.get<{ code: string }>("/orders");
  expect([status, body.code]).toEqual([429, "RATE_LIMITED"]);
  expect(headers.get("retry-after")).toBe("12");
  expect(headers.get("ratelimit")).toContain('"user";r=0');
  expect((await new Client(allServices.url, bob.token).get("/orders")).status).toBe(200);
});

it("counts what agents ask in a person's name with what the person asks", async () => {
  const ann = await allServices.person();
  const client = new Client(allServices.url, ann.token);
  const ask = () =>
    fetch(allServices.mcpUrl, {
      method: "POST",
      headers: {
        authorization: `Bearer ${ann.token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
    });
  const statuses: number[] = [];
  for (const next of [ask, ask, () => client.get("/orders"), ask, () => client.get("/orders")])
    statuses.push((await next()).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
  const refused = await ask();
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, "RATE_LIMITED"]);
  expect([refused.headers.get("retry-after"), (await client.get("/orders")).status]).toEqual(["12", 429]);
});

it("slows down who guesses passwords, by address, before the password is looked at", async () => {
  const anonymous = new Client(allServices.url);
  const attempts = Array.from({ length: 25 }, () =>
    anonymous.post<{ code: string }>("/sessions", { email: "ann@example.test", password: "a guess" }),
  );
  const codes = (await Promise.all(attempts)).map(({ body }) => body.code);
  expect(codes.filter((code) => code === "USER_BAD_CREDENTIALS")).toHaveLength(20);
  expect(codes.filter((code) => code === "RATE_LIMITED")).toHaveLength(5);
  expect((await anonymous.get("/products")).status).toBe(200);
});
