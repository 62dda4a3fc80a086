/** What the gateway does with requests that it accepts, and what it answers by itself. */
import { type HttpRequest, sendBytes, sendRequest } from "../../test/support/actors/http-request.ts";
import { idOf } from "../../test/support/actors/people.ts";
import {
  type SampleGateway,
  ORIGIN,
  bookContract,
  startGateway,
  tokenOf,
} from "../../test/support/systems/sample-gateway.ts";

let gateway: SampleGateway;
let customer: string;
beforeAll(async () => {
  gateway = await startGateway();
  customer = await tokenOf("ann", "customer");
});
afterAll(() => gateway.broker.stop());

const json = { "content-type": "application/json" };
const ask = (...request: HttpRequest) => sendRequest(gateway.url, ...request);

describe("requests", () => {
  it("get numbers and booleans in the query where the schema says so, and texts elsewhere", async () => {
    const { body } = await ask("GET", "/api/v1/books?limit=5&used=true&cursor=10&tag=a&tag=1%2B1");
    expect(body["asked"]).toEqual({ limit: 5, used: true, cursor: "10", tag: ["a", "1+1"] });
  });

  it("with GET may have a body, which is ignored", async () => {
    expect(
      await sendBytes(
        gateway.url,
        "GET /api/v1/who HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
      ),
    ).toContain("200 OK");
  });

  it("to a raw action pass on the body and the headers unchanged", async () => {
    const answer = await ask("POST", "/api/v1/books/hooks/stripe", { "x-signature": "s=1" }, '{ "a":1}');
    expect(answer.body).toEqual({ partner: "stripe", signature: "s=1", body: '{ "a":1}' });
  });

  it("with HEAD are answered like GET, without the body", async () => {
    for (const path of ["/api/v1/books/1", "/health", "/docs/"]) {
      const [head, get] = [await ask("HEAD", path), await ask("GET", path)];
      expect([head.status, head.text]).toEqual([200, ""]);
      expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
    }
  });

  it("keep the trace and the request id of the client, and are answered with both", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const { headers, body } = await ask("GET", "/api/v1/who", { traceparent, "x-request-id": "mine-1" });
    expect(body["requestID"]).toBe(traceId);
    expect(headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`));
    expect(headers.get("x-request-id")).toBe("mine-1");
  });

  it("with malformed ids get new ones", async () => {
    for (const path of ["/api/v1/who", "/health", "/docs/"]) {
      const { headers } = await ask("GET", path, {
        traceparent: "00-0-0-0",
        "x-request-id": "a b",
        "x-correlation-id": "c d",
      });
      expect(headers.get("x-request-id")).toMatch(/^[\da-f]{32}$/);
    }
  });

  it("tell services which language the client prefers", async () => {
    expect((await ask("GET", "/api/v1/who", { "accept-language": "ko" })).body["language"]).toBe("ko");
    expect((await ask("GET", "/api/v1/who", { "accept-language": "fr" })).body["language"]).toBeNull();
  });

  it("are all answered with security headers", async () => {
    for (const path of [
      "/api/v1/books",
      "/api/v1/nothing",
      "/health",
      "/docs/nothing.js",
      "/docs",
      "/docs/",
      "/docs/reference.js",
    ]) {
      const { status, headers } = await ask("GET", path);
      const isPage = path.startsWith("/docs") && status === 200;
      const policy = isPage ? "default-src 'self'" : "default-src 'none';frame-ancestors 'none'";
      expect({ path, policy: headers.get("content-security-policy") }).toEqual({
        path,
        policy: expect.stringContaining(policy),
      });
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe(isPage ? "SAMEORIGIN" : "DENY");
    }
  });
});

describe("idempotency keys", () => {
  const add = (headers: Record<string, string>) =>
    ask("POST", "/api/v1/books", { ...json, authorization: `Bearer ${customer}`, ...headers }, '{"title":"Dune"}');

  it("are required", async () => {
    expect((await add({})).body.code).toBe("IDEMPOTENCY_KEY_REQUIRED");
  });

  it.each([
    ["too long", "k".repeat(256)],
    ["not visible", "a b"],
  ])("are refused when %s", async (_why, key) => {
    expect((await add({ "idempotency-key": key })).body.code).toBe("IDEMPOTENCY_KEY_REQUIRED");
  });

  it("reach the service, together with the id of the caller", async () => {
    const { status, headers, body } = await add({ "idempotency-key": "k-1" });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe("/api/v1/books/9");
    expect(headers.get("idempotent-replayed")).toBeNull();
    expect(body).toEqual({ id: "9", title: "Dune", key: "k-1", who: idOf("ann") });
  });

  it("of a request that was made before are answered with Idempotent-Replayed", async () => {
    expect((await add({ "idempotency-key": "again" })).headers.get("idempotent-replayed")).toBe("true");
  });
});

describe("entity tags", () => {
  const edit = (headers: Record<string, string>) =>
    ask("PATCH", "/api/v1/books/1", { ...json, ...headers }, '{"title":"a"}');

  it("contain the version", async () => {
    expect((await ask("GET", "/api/v1/books/1")).headers.get("etag")).toMatch(/^"3\.[\w-]{22}"$/);
    expect((await ask("GET", "/api/v1/books")).headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
  });

  it("save the body when the client has the same version", async () => {
    const tag = (await ask("GET", "/api/v1/books/1")).headers.get("etag")!;
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const answer = await ask("GET", "/api/v1/books/1", { "if-none-match": known });
      expect([answer.status, answer.text, answer.headers.get("etag")]).toEqual([304, "", tag]);
    }
    expect((await ask("GET", "/api/v1/books/1", { "if-none-match": '"x"' })).status).toBe(200);
  });

  it("prevent a change of another version", async () => {
    const tag = (await ask("GET", "/api/v1/books/1")).headers.get("etag")!;
    const changed = await edit({ "if-match": tag });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, expect.stringMatching(/^"4\./)]);
    expect((await edit({ "if-match": "*" })).status).toBe(200);
    expect((await edit({ "if-match": '"2.abc"' })).body.code).toBe("STALE_VERSION");
    expect((await edit({ "if-match": `W/${tag}` })).body.code).toBe("STALE_VERSION");
    expect((await edit({ "if-match": "nonsense" })).body.code).toBe("MALFORMED_REQUEST");
    // A tag may hold a comma, and a list may have empty elements (RFC 9110 sections 8.8.3 and 5.6.1).
    expect((await edit({ "if-match": '"a,b"' })).body.code).toBe("STALE_VERSION");
    expect((await edit({ "if-match": `, "a,b",\t ,${tag} ,` })).status).toBe(200);
    for (const broken of ['"a" "b"', '"a', '"a";q=1', `${tag}, *`, ",", ""])
      expect([broken, (await edit({ "if-match": broken })).body.code]).toEqual([broken, "MALFORMED_REQUEST"]);
  });
});

describe("CORS", () => {
  const preflight = { "access-control-request-method": "PATCH" };

  it("allows the pages of listed origins", async () => {
    const { status, headers } = await ask("OPTIONS", "/api/v1/books/1", { origin: ORIGIN, ...preflight });
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    const answer = await ask("GET", "/api/v1/books", { origin: ORIGIN });
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(answer.headers.get("access-control-expose-headers")).toContain("ETag");
  });

  it.each([[ORIGIN.slice(0, -1)], [`${ORIGIN}.evil.test`], ["null"]])("does not allow %s", async (origin) => {
    for (const method of ["OPTIONS", "GET"]) {
      const { headers } = await ask(method, "/api/v1/books", { origin, ...preflight });
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("rate limits", () => {
  it("are in the headers of every answer of the API", async () => {
    const { headers } = await ask("GET", "/api/v1/books", { authorization: `Bearer ${customer}` });
    expect(headers.get("ratelimit-policy")).toBe('"address";q=3000;w=60, "user";q=1200;w=60');
    expect(headers.get("ratelimit")).toMatch(/^"address";r=\d+;t=\d+, "user";r=\d+;t=\d+$/);
  });

  it("reject with RATE_LIMITED requests above the limit of a route", async () => {
    await ask("GET", "/api/v1/rare");
    await ask("GET", "/api/v1/rare", { "x-forwarded-for": "203.0.113.1" });
    const { status, headers, body } = await ask("GET", "/api/v1/rare", { "x-forwarded-for": "203.0.113.2" });
    expect([status, body.code]).toEqual([429, "RATE_LIMITED"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(headers.get("ratelimit")).toMatch(/"route";r=0;t=\d+$/);
  });
});

describe("system routes", () => {
  it("tell the health of services and nodes", async () => {
    const { status, body } = await ask("GET", "/health");
    expect(status).toBe(200);
    expect(body["services"]).toContainEqual({
      name: "book",
      version: 1,
      nodes: 1,
      available: true,
      breaker: "closed",
    });
    expect(body["nodes"]).toEqual([expect.objectContaining({ id: gateway.broker.nodeID, available: true })]);
  });

  it("say that the node is ready when every service has started and its routes are there", async () => {
    let begin = (): void => undefined;
    const started = new Promise<void>((resolve) => (begin = resolve));
    let slow: SampleGateway | undefined;
    const starting = startGateway({ name: "slow", started: () => started }).then((one) => (slow = one));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(slow).toBeUndefined();
    begin();
    const { broker, url } = await starting;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/api/v1/books`)).status).toBe(200);
    await broker.stop();
  });

  it("publish the key that verifies access tokens, without the one that signs them", async () => {
    const { body } = await ask("GET", "/.well-known/jwks.json");
    expect(body["keys"]).toEqual([expect.objectContaining({ kty: "OKP", crv: "Ed25519", use: "sig" })]);
    expect(JSON.stringify(body)).not.toContain('"d"');
  });

  it("explain the type of a problem", async () => {
    const { body } = await ask("GET", "/problems/BOOK_LIMIT_REACHED");
    expect(body).toMatchObject({
      code: "BOOK_LIMIT_REACHED",
      status: 409,
      title: bookContract.errors.LIMIT_REACHED.title,
    });
    expect((await ask("GET", "/problems/toString")).status).toBe(404);
  });

  it("show metrics in the format of Prometheus", async () => {
    await ask("GET", "/api/v1/books");
    const { text } = await ask("GET", "/metrics");
    expect(text).toMatch(/^http_requests_total\{route="GET \/api\/v1\/books",status="200"\} \d+$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds\{quantile="0.99"\} [\d.e-]+$/m);
    expect(text).toMatch(/^madang_action_duration_seconds_count\{action="v1\.[a-z.]+"\} \d+$/m);
    expect(text).not.toMatch(/os_hostname|os_network|(?:[\da-f]{2}:){5}/);
  });

  it("serve the reference page, which loads nothing from elsewhere", async () => {
    const page = await ask("GET", "/docs");
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.text).not.toMatch(/(?:src|href)="https?:/);
    expect((await ask("GET", "/docs/reference.js")).status).toBe(200);
    expect((await ask("GET", "/docs/../../api.config.ts")).status).toBe(404);
  });

  it("do not offer the actions of the gateway or the node", async () => {
    for (const path of ["/api/v1/list-aliases", "/list-aliases", "/$node/options", "/~node/options", "/v1/book/fail"]) {
      expect((await ask("GET", path)).status).toBe(404);
    }
  });
});
