/** An API key through every gateway: what it may do, how it ends, how often it may ask, and that nobody else learns it. */
import { newId } from "#core/id.ts";
import { Agent } from "../support/actors/agent.ts";
import { GrpcClient, failureOf } from "../support/actors/grpc-client.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";

let services: AllServices;
let admin: Person;
/** Everything that was written to the log. */
const log: string[] = [];
beforeAll(async () => {
  const write = process.stdout.write.bind(process.stdout);
  jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    log.push(String(chunk));
    return write("");
  });
  services = await AllServices.open({ GRPC_PORT: "0", MCP_PORT: "0", RATE_LIMIT: "on", RATE_LIMIT_KEY: "20" });
  admin = await services.person("admin");
});
afterAll(() => services.close());

const make = (...permissions: string[]) =>
  admin.call("user.createApiKey", { name: "ERP", permissions, expiresAt: "2099-01-01T00:00:00.000Z" });

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly permission?: string;
}

async function ask(key: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${services.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      "accept-language": "en",
      ...(body && { "content-type": "application/json", "idempotency-key": newId() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Problem };
}
const tea = { name: "Tea", description: "", price: { amount: 1000, currency: "KRW" } };

it("does over HTTP, gRPC and MCP what it has the permission for, and is told which it lacks", async () => {
  const { apiKey } = await make("product.create");
  expect((await ask(apiKey, "POST", "/products", tea)).status).toBe(201);
  const refused = await ask(apiKey, "GET", "/orders/all");
  expect([refused.status, refused.body]).toEqual([
    403,
    expect.objectContaining({ code: "PERMISSION_MISSING", permission: "order.listAll" }),
  ]);
  expect(refused.body.detail).toContain("`order.listAll`");
  const person = await ask(apiKey, "GET", "/users/me");
  expect([person.status, person.body.code]).toEqual([403, "PERSON_REQUIRED"]);

  const grpc = new GrpcClient(services.grpcAddress);
  await grpc.call("/madang.product.v1.ProductService/Create", tea, { token: apiKey });
  const failure = await grpc.call("/madang.order.v1.OrderService/ListAll", {}, { token: apiKey }).catch(failureOf);
  expect(failure).toMatchObject({ reason: "PERMISSION_MISSING" });

  const agent = await Agent.connect(services.mcpUrl, { token: apiKey });
  const { tools } = await agent.client.listTools();
  const names = tools.map(({ name }) => name);
  expect(names).toContain("product_create");
  expect(names).not.toContain("product_archive");
  expect(names).not.toContain("user_getProfile");
  await agent.close();
});

it("ends at once when it is revoked, and is wrong when a character is", async () => {
  const { id, apiKey } = await make("*");
  expect((await ask(apiKey, "GET", "/orders/all")).status).toBe(200);
  await admin.call("user.removeApiKey", { id });
  const ended = await ask(apiKey, "GET", "/orders/all");
  expect([ended.status, ended.body.code]).toEqual([401, "API_KEY_INVALID"]);
  const typed = await ask(`${apiKey.slice(0, -1)}x`, "GET", "/orders/all");
  expect([typed.status, typed.body.code]).toEqual([401, "API_KEY_INVALID"]);
});

it("may ask as often as keys may, each for itself", async () => {
  const [busy, other] = [await make("*"), await make("*")];
  let answer = await ask(busy.apiKey, "GET", "/orders/all");
  expect(answer.headers.get("ratelimit")).toContain('"key"');
  for (let count = 0; count < 20; count += 1) answer = await ask(busy.apiKey, "GET", "/orders/all");
  expect([answer.status, answer.body.code]).toEqual([429, "RATE_LIMITED"]);
  expect((await ask(other.apiKey, "GET", "/orders/all")).status).toBe(200);
});

it("stands in no log", () => {
  expect(log.join("")).not.toContain("mdk_");
});
