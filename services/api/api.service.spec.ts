import { STATUS_CODES } from "node:http";
import { once } from "node:events";
import { connect } from "node:net";
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

interface Body {
  [name: string]: unknown;
  code?: string;
}

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: (isJson && text ? JSON.parse(text) : {}) as Body,
  };
}

type Asked = Parameters<typeof ask>;

const json = { "content-type": "application/json" };

/** Sends bytes that no HTTP client would. */
async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString())).on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

describe("problems", () => {
  const cases: [what: string, status: number, code: string, ...request: Asked][] = [
    ["an unknown route", 404, "NOT_FOUND", "GET", "/api/v1/nothing"],
    ["an unknown resource", 404, "NOT_FOUND", "GET", "/api/v1/books/0"],
    ["a wrong method", 405, "METHOD_NOT_ALLOWED", "PUT", "/api/v1/books/1"],
    ["a wrong method of a system route", 405, "METHOD_NOT_ALLOWED", "POST", "/health"],
    ["malformed percent-encoding", 400, "MALFORMED_REQUEST", "GET", "/api/v1/books/%zz"],
    ["malformed percent-encoding in a query", 400, "MALFORMED_REQUEST", "GET", "/api/v1/books?cursor=%zz"],
    ["malformed JSON", 400, "MALFORMED_JSON", "PATCH", "/api/v1/books/1", json, "{"],
    [
      "JSON that reaches for the prototype",
      400,
      "MALFORMED_JSON",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"__proto__":{}}',
    ],
    ["the same, disguised", 400, "MALFORMED_JSON", "PATCH", "/api/v1/books/1", json, '{"\\u005f_proto__":{}}'],
    [
      "the same inside",
      400,
      "MALFORMED_JSON",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"a":[{"_\\u005Fpr\\u006fto__" :1}]}',
    ],
    ["its name in a text", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1", json, '{"a":"\\"__proto__\\": 1"}'],
    [
      "another media type",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      "PATCH",
      "/api/v1/books/1",
      { "content-type": "text/xml" },
      "<a/>",
    ],
    [
      "a compressed body",
      415,
      "UNSUPPORTED_MEDIA_TYPE",
      "PATCH",
      "/api/v1/books/1",
      { ...json, "content-encoding": "gzip" },
      "{}",
    ],
    ["a body too large", 413, "PAYLOAD_TOO_LARGE", "PATCH", "/api/v1/books/1", json, `"${"x".repeat(300_000)}"`],
    ["an unknown query parameter", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?color=red"],
    ["a query parameter that comes twice", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?limit=1&limit=2"],
    ["a number that is none", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?limit=ten"],
    ["a number out of range", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?limit=101"],
    ["a prototype in the query", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?__proto__=1"],
    ["an unknown field", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1", json, '{"title":"a","color":"red"}'],
    [
      "a body that names what the path names",
      422,
      "VALIDATION_FAILED",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"id":"2","title":"a"}',
    ],
    ["a field of the body in the query", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1?title=a", json, "{}"],
    ["a body that is no object", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1", json, "[1]"],
    ["nobody", 401, "UNAUTHENTICATED", "POST", "/api/v1/books", json, "{}"],
    [
      "a malformed Authorization header",
      401,
      "TOKEN_INVALID",
      "DELETE",
      "/api/v1/books/1",
      { authorization: "Basic eDp5" },
    ],
    ["a token that is none", 401, "TOKEN_INVALID", "DELETE", "/api/v1/books/1", { authorization: "Bearer abc" }],
    ["what nobody foresaw", 500, "INTERNAL_ERROR", "GET", "/api/v1/fail"],
    ["an action that takes too long", 504, "REQUEST_TIMEOUT", "GET", "/api/v1/sleep/1000"],
  ];

  it.each(cases)("answers %s with %i %s", async (_what, status, code, ...request: Asked) => {
    const answer = await ask(...request);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.body).toMatchObject({
      type: `/problems/${code}`,
      status,
      code,
      title: expect.any(String),
      detail: expect.any(String),
      instance: request[1].split("?")[0],
      traceId: answer.headers.get("traceparent")!.split("-")[1],
    });
  });

  it("names what is wrong with a request by JSON pointers", async () => {
    const { body } = await ask("GET", "/api/v1/books?limit=0");
    expect(body["errors"]).toEqual([{ pointer: "/limit", detail: expect.any(String) }]);
  });

  it("speaks Korean to those who prefer it", async () => {
    const { body, headers } = await ask("GET", "/api/v1/books/0", { "accept-language": "en;q=0.5, ko-KR" });
    expect(body).toMatchObject({
      title: "요청하신 내용을 찾을 수 없습니다",
      detail: "존재하지 않거나 접근할 수 없는 항목입니다.",
    });
    expect(headers.get("content-language")).toBe("ko");
  });

  it("tells what is wrong with a request in Korean, too", async () => {
    const { body } = await ask("GET", "/api/v1/books?cursor=", { "accept-language": "ko" });
    expect(body["errors"]).toEqual([{ pointer: "/cursor", detail: "값을 입력해 주세요" }]);
  });

  const wrong: readonly Asked[] = [
    ["GET", "/api/v1/books?nope=1"],
    ["GET", "/api/v1/books?limit=1&limit=2"],
    ["GET", "/api/v1/books?limit=x"],
    ["PATCH", "/api/v1/books/1", json, "[]"],
    ["PATCH", "/api/v1/books/1", json, '{"id":"2","title":"x"}'],
    ["PATCH", "/api/v1/books/1", { ...json, "if-match": "no tag" }, '{"title":"x"}'],
    ["PATCH", "/api/v1/books/1", json, '{"title":"","version":"x","more":1}'],
  ];
  it.each(wrong)("says it in the language of the request: %s %s", async (method, path, headers = {}, body) => {
    for (const [language, words] of [
      ["en", /^[\x20-\x7e]+$/],
      ["ko", /[가-힣].*(?:니다|주세요)(?:: .+)?$/],
    ] as const) {
      const { errors } = (await ask(method, path, { ...headers, "accept-language": language }, body)).body;
      expect(errors).toEqual(
        expect.arrayContaining([{ pointer: expect.any(String), detail: expect.stringMatching(words) }]),
      );
    }
  });

  it("passes on what an error of a service tells the client", async () => {
    const headers = { ...json, authorization: `Bearer ${customer}`, "idempotency-key": "k", "accept-language": "ko" };
    const { status, body } = await ask("POST", "/api/v1/books", headers, '{"title":"big"}');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: "BOOK_LIMIT_REACHED", title: "책이 너무 많습니다", room: 0 });
  });

  it("hides the message of what nobody foresaw", async () => {
    expect((await ask("GET", "/api/v1/fail")).text).not.toContain("hunter2");
  });

  it("says which methods there are", async () => {
    expect((await ask("PUT", "/api/v1/books/1")).headers.get("allow")).toBe("GET, PATCH, DELETE, HEAD, OPTIONS");
  });

  it("asks for a bearer token", async () => {
    expect((await ask("DELETE", "/api/v1/books/1")).headers.get("www-authenticate")).toBe('Bearer realm="madang"');
    const answer = await ask("DELETE", "/api/v1/books/1", { authorization: "Bearer abc" });
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="madang", error="invalid_token"');
  });

  it("refuses people without the role before it looks at their request", async () => {
    const answer = await ask("DELETE", "/api/v1/books/1?a=b", { authorization: `Bearer ${customer}` });
    expect(answer.body.code).toBe("FORBIDDEN");
  });

  it("answers 503 with Retry-After for a service that went away", async () => {
    const late = await startGateway();
    await late.broker.destroyService(late.broker.getLocalService("v1.book"));
    const answer = await fetch(`${late.url}/api/v1/books`);
    await late.broker.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.json()).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });

  it.each([
    ["what is not HTTP", "nonsense\r\n\r\n", 400, "MALFORMED_REQUEST"],
    ["headers that are too large", `GET / HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    [
      "chunks that are too large in what is none of the body",
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}\r\n`,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    ["a request that stops in the middle", "GET / HTTP/1.1\r\nHost:", 408, "REQUEST_INCOMPLETE"],
  ])("answers %s with a problem of its own", async (_what, bytes, status, code) => {
    const [head = "", body = ""] = (await raw(bytes)).split("\r\n\r\n", 2);
    expect(head).toContain(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`);
    expect(head).toContain("Content-Type: application/problem+json");
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});

describe("requests", () => {
  it("converts what the schema wants converted, and nothing else", async () => {
    const { body } = await ask("GET", "/api/v1/books?limit=5&used=true&cursor=10&tag=a&tag=1%2B1");
    expect(body["asked"]).toEqual({ limit: 5, used: true, cursor: "10", tag: ["a", "1+1"] });
  });

  it("ignores a body on GET", async () => {
    expect(
      await raw("GET /api/v1/who HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"),
    ).toContain("200 OK");
  });

  it("passes a raw body and its headers as they came", async () => {
    const answer = await ask("POST", "/api/v1/books/hooks/stripe", { "x-signature": "s=1" }, '{ "a":1}');
    expect(answer.body).toEqual({ partner: "stripe", signature: "s=1", body: '{ "a":1}' });
  });

  it("answers HEAD like GET, without the body", async () => {
    for (const path of ["/api/v1/books/1", "/health", "/docs/"]) {
      const [head, get] = [await ask("HEAD", path), await ask("GET", path)];
      expect([head.status, head.text]).toEqual([200, ""]);
      expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
    }
  });

  it("takes over the caller's trace and request id, and answers both", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const { headers, body } = await ask("GET", "/api/v1/who", { traceparent, "x-request-id": "mine-1" });
    expect(body["requestID"]).toBe(traceId);
    expect(headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-01$`));
    expect(headers.get("x-request-id")).toBe("mine-1");
  });

  it("makes ids of its own instead of dubious ones", async () => {
    for (const path of ["/api/v1/who", "/health", "/docs/"]) {
      const { headers } = await ask("GET", path, {
        traceparent: "00-0-0-0",
        "x-request-id": "a b",
        "x-correlation-id": "c d",
      });
      expect(headers.get("x-request-id")).toMatch(/^[\da-f]{32}$/);
    }
  });

  it("tells services which language is wanted", async () => {
    expect((await ask("GET", "/api/v1/who", { "accept-language": "ko" })).body["language"]).toBe("ko");
    expect((await ask("GET", "/api/v1/who", { "accept-language": "fr" })).body["language"]).toBeNull();
  });

  it("sends security headers with every answer", async () => {
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

  it("reach the service, together with who asks", async () => {
    const { status, headers, body } = await add({ "idempotency-key": "k-1" });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe("/api/v1/books/9");
    expect(headers.get("idempotent-replayed")).toBeNull();
    expect(body).toEqual({ id: "9", title: "Dune", key: "k-1", who: idOf("ann") });
  });

  it("mark a stored answer", async () => {
    expect((await add({ "idempotency-key": "again" })).headers.get("idempotent-replayed")).toBe("true");
  });
});

describe("entity tags", () => {
  const edit = (headers: Record<string, string>) =>
    ask("PATCH", "/api/v1/books/1", { ...json, ...headers }, '{"title":"a"}');

  it("name the version", async () => {
    expect((await ask("GET", "/api/v1/books/1")).headers.get("etag")).toMatch(/^"3\.[\w-]{22}"$/);
    expect((await ask("GET", "/api/v1/books")).headers.get("etag")).toMatch(/^"[\w-]{22}"$/);
  });

  it("spare the body when it is known", async () => {
    const tag = (await ask("GET", "/api/v1/books/1")).headers.get("etag")!;
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const answer = await ask("GET", "/api/v1/books/1", { "if-none-match": known });
      expect([answer.status, answer.text, answer.headers.get("etag")]).toEqual([304, "", tag]);
    }
    expect((await ask("GET", "/api/v1/books/1", { "if-none-match": '"x"' })).status).toBe(200);
  });

  it("guard a change", async () => {
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

  it("lets the pages of listed origins in", async () => {
    const { status, headers } = await ask("OPTIONS", "/api/v1/books/1", { origin: ORIGIN, ...preflight });
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
    const answer = await ask("GET", "/api/v1/books", { origin: ORIGIN });
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(answer.headers.get("access-control-expose-headers")).toContain("ETag");
  });

  it.each([[ORIGIN.slice(0, -1)], [`${ORIGIN}.evil.test`], ["null"]])("does not let %s in", async (origin) => {
    for (const method of ["OPTIONS", "GET"]) {
      const { headers } = await ask(method, "/api/v1/books", { origin, ...preflight });
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});

describe("rate limits", () => {
  it("are told with every answer of the API", async () => {
    const { headers } = await ask("GET", "/api/v1/books", { authorization: `Bearer ${customer}` });
    expect(headers.get("ratelimit-policy")).toBe('"address";q=3000;w=60, "user";q=1200;w=60');
    expect(headers.get("ratelimit")).toMatch(/^"address";r=\d+;t=\d+, "user";r=\d+;t=\d+$/);
  });

  it("refuse what goes beyond the limit of a route", async () => {
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

  it("are ready when every service has started, and its routes are there", async () => {
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

  it("publish the key that verifies access tokens, and not the one that signs them", async () => {
    const { body } = await ask("GET", "/.well-known/jwks.json");
    expect(body["keys"]).toEqual([expect.objectContaining({ kty: "OKP", crv: "Ed25519", use: "sig" })]);
    expect(JSON.stringify(body)).not.toContain('"d"');
  });

  it("explain a problem's type", async () => {
    const { body } = await ask("GET", "/problems/BOOK_LIMIT_REACHED");
    expect(body).toMatchObject({
      code: "BOOK_LIMIT_REACHED",
      status: 409,
      title: bookContract.errors.LIMIT_REACHED.title,
    });
    expect((await ask("GET", "/problems/toString")).status).toBe(404);
  });

  it("show metrics as Prometheus reads them", async () => {
    await ask("GET", "/api/v1/books");
    const { text } = await ask("GET", "/metrics");
    expect(text).toMatch(/^http_requests_total\{route="GET \/api\/v1\/books",status="200"\} \d+$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds\{quantile="0.99"\} [\d.e-]+$/m);
    expect(text).toMatch(/^madang_action_duration_seconds_count\{action="v1\.[a-z.]+"\} \d+$/m);
    expect(text).not.toMatch(/os_hostname|os_network|(?:[\da-f]{2}:){5}/);
  });

  it("serve the reference page and what it needs from here", async () => {
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
