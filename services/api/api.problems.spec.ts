/** What the gateway refuses, and how it says so: problems (RFC 9457) in the language of the client. */
import { STATUS_CODES } from "node:http";
import { type HttpRequest, sendBytes, sendRequest } from "../../test/support/actors/http-request.ts";
import { type SampleGateway, startGateway, tokenOf } from "../../test/support/systems/sample-gateway.ts";

let gateway: SampleGateway;
let customer: string;
beforeAll(async () => {
  gateway = await startGateway();
  customer = await tokenOf("ann", "customer");
});
afterAll(() => gateway.broker.stop());

const json = { "content-type": "application/json" };
const ask = (...request: HttpRequest) => sendRequest(gateway.url, ...request);

describe("problems", () => {
  const cases: [what: string, status: number, code: string, ...request: HttpRequest][] = [
    ["an unknown route", 404, "NOT_FOUND", "GET", "/api/v1/nothing"],
    ["an unknown resource", 404, "NOT_FOUND", "GET", "/api/v1/books/0"],
    ["a wrong method", 405, "METHOD_NOT_ALLOWED", "PUT", "/api/v1/books/1"],
    ["a wrong method of a system route", 405, "METHOD_NOT_ALLOWED", "POST", "/health"],
    ["malformed percent-encoding", 400, "MALFORMED_REQUEST", "GET", "/api/v1/books/%zz"],
    ["malformed percent-encoding in a query", 400, "MALFORMED_REQUEST", "GET", "/api/v1/books?cursor=%zz"],
    ["malformed JSON", 400, "MALFORMED_JSON", "PATCH", "/api/v1/books/1", json, "{"],
    ["JSON that sets the prototype", 400, "MALFORMED_JSON", "PATCH", "/api/v1/books/1", json, '{"__proto__":{}}'],
    [
      "JSON that sets the prototype by an escaped name",
      400,
      "MALFORMED_JSON",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"\\u005f_proto__":{}}',
    ],
    [
      "JSON that sets the prototype of an inner object",
      400,
      "MALFORMED_JSON",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"a":[{"_\\u005Fpr\\u006fto__" :1}]}',
    ],
    [
      "JSON with __proto__ in a text only",
      422,
      "VALIDATION_FAILED",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"a":"\\"__proto__\\": 1"}',
    ],
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
    ["a number that is not a number", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?limit=ten"],
    ["a number out of range", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?limit=101"],
    ["__proto__ in the query", 422, "VALIDATION_FAILED", "GET", "/api/v1/books?__proto__=1"],
    ["an unknown field", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1", json, '{"title":"a","color":"red"}'],
    [
      "a body with a field of the path",
      422,
      "VALIDATION_FAILED",
      "PATCH",
      "/api/v1/books/1",
      json,
      '{"id":"2","title":"a"}',
    ],
    ["a field of the body in the query", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1?title=a", json, "{}"],
    ["a body that is not an object", 422, "VALIDATION_FAILED", "PATCH", "/api/v1/books/1", json, "[1]"],
    ["a request without a token", 401, "UNAUTHENTICATED", "POST", "/api/v1/books", json, "{}"],
    [
      "a malformed Authorization header",
      401,
      "TOKEN_INVALID",
      "DELETE",
      "/api/v1/books/1",
      { authorization: "Basic eDp5" },
    ],
    ["a token that is not a JWT", 401, "TOKEN_INVALID", "DELETE", "/api/v1/books/1", { authorization: "Bearer abc" }],
    ["an unexpected error", 500, "INTERNAL_ERROR", "GET", "/api/v1/fail"],
    ["an action that takes too long", 504, "REQUEST_TIMEOUT", "GET", "/api/v1/sleep/1000"],
  ];

  it.each(cases)("answer %s with %i %s", async (_what, status, code, ...request: HttpRequest) => {
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

  it("name the wrong fields of a request by JSON pointers", async () => {
    const { body } = await ask("GET", "/api/v1/books?limit=0");
    expect(body["errors"]).toEqual([{ pointer: "/limit", detail: expect.any(String) }]);
  });

  it("are in Korean for a client that prefers it", async () => {
    const { body, headers } = await ask("GET", "/api/v1/books/0", { "accept-language": "en;q=0.5, ko-KR" });
    expect(body).toMatchObject({
      title: "요청하신 내용을 찾을 수 없습니다",
      detail: "존재하지 않거나 접근할 수 없는 항목입니다.",
    });
    expect(headers.get("content-language")).toBe("ko");
  });

  it("describe wrong fields in Korean, too", async () => {
    const { body } = await ask("GET", "/api/v1/books?cursor=", { "accept-language": "ko" });
    expect(body["errors"]).toEqual([{ pointer: "/cursor", detail: "값을 입력해 주세요" }]);
  });

  const wrong: readonly HttpRequest[] = [
    ["GET", "/api/v1/books?nope=1"],
    ["GET", "/api/v1/books?limit=1&limit=2"],
    ["GET", "/api/v1/books?limit=x"],
    ["PATCH", "/api/v1/books/1", json, "[]"],
    ["PATCH", "/api/v1/books/1", json, '{"id":"2","title":"x"}'],
    ["PATCH", "/api/v1/books/1", { ...json, "if-match": "no tag" }, '{"title":"x"}'],
    ["PATCH", "/api/v1/books/1", json, '{"title":"","version":"x","more":1}'],
  ];
  it.each(wrong)(
    "describe wrong fields in the language of the request: %s %s",
    async (method, path, headers = {}, body) => {
      for (const [language, words] of [
        ["en", /^[\x20-\x7e]+$/],
        ["ko", /[가-힣].*(?:니다|주세요)(?:: .+)?$/],
      ] as const) {
        const { errors } = (await ask(method, path, { ...headers, "accept-language": language }, body)).body;
        expect(errors).toEqual(
          expect.arrayContaining([{ pointer: expect.any(String), detail: expect.stringMatching(words) }]),
        );
      }
    },
  );

  it("contain the code, the title and the data of an error of a service", async () => {
    const headers = { ...json, authorization: `Bearer ${customer}`, "idempotency-key": "k", "accept-language": "ko" };
    const { status, body } = await ask("POST", "/api/v1/books", headers, '{"title":"big"}');
    expect(status).toBe(409);
    expect(body).toMatchObject({ code: "BOOK_LIMIT_REACHED", title: "책이 너무 많습니다", room: 0 });
  });

  it("hide the message of an unexpected error", async () => {
    expect((await ask("GET", "/api/v1/fail")).text).not.toContain("hunter2");
  });

  it("name the allowed methods of a path", async () => {
    expect((await ask("PUT", "/api/v1/books/1")).headers.get("allow")).toBe("GET, PATCH, DELETE, HEAD, OPTIONS");
  });

  it("ask for a bearer token", async () => {
    expect((await ask("DELETE", "/api/v1/books/1")).headers.get("www-authenticate")).toBe('Bearer realm="madang"');
    const answer = await ask("DELETE", "/api/v1/books/1", { authorization: "Bearer abc" });
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="madang", error="invalid_token"');
  });

  it("say FORBIDDEN to a person without the role, before the request is validated", async () => {
    const answer = await ask("DELETE", "/api/v1/books/1?a=b", { authorization: `Bearer ${customer}` });
    expect(answer.body.code).toBe("FORBIDDEN");
  });

  it("are 503 with Retry-After for a service that is gone", async () => {
    const late = await startGateway();
    await late.broker.destroyService(late.broker.getLocalService("v1.book"));
    const answer = await fetch(`${late.url}/api/v1/books`);
    await late.broker.stop();
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.json()).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });

  it.each([
    ["bytes that are not HTTP", "nonsense\r\n\r\n", 400, "MALFORMED_REQUEST"],
    ["headers that are too large", `GET / HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
    [
      "chunk extensions that are too large",
      `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;${"x".repeat(20_000)}\r\n`,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    ["a request that stops in the middle", "GET / HTTP/1.1\r\nHost:", 408, "REQUEST_INCOMPLETE"],
  ])("answer %s", async (_what, bytes, status, code) => {
    const [head = "", body = ""] = (await sendBytes(gateway.url, bytes)).split("\r\n\r\n", 2);
    expect(head).toContain(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`);
    expect(head).toContain("Content-Type: application/problem+json");
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });
});
