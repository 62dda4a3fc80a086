import { once } from "node:events";
import { connect } from "node:net";
import { type SampleGateway, startGateway } from "../../test/support/systems/sample-gateway.ts";
import { originForm } from "./target.ts";

let gateway: SampleGateway;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.broker.stop());

/** Sends lines that no HTTP client would, and answers what came back. */
async function raw(...lines: string[]): Promise<{ status: number; head: string; body: Record<string, unknown> }> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString())).on("error", () => undefined);
  socket.write(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  await once(socket, "close");
  const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
  return {
    status: Number(head.split(" ")[1]),
    head,
    body: (body.startsWith("{") ? JSON.parse(body) : {}) as Record<string, unknown>,
  };
}

describe("the target of a request", () => {
  it.each([
    ["/a?b=c", "/a?b=c"],
    ["http://shop.test/a?b=c", "/a?b=c"],
    ["HTTPS://shop.test:443/a", "/a"],
    ["http://shop.test", "/"],
    ["http://shop.test?b", "/?b"],
    ["http://[2001:db8::1]:80/a", "/a"],
    ["http://shop.test:/a", "/a"],
    ["http:///a", "http:///a"],
    ["http://:80/a", "http://:80/a"],
    ["http://ann@shop.test/a", "http://ann@shop.test/a"],
    ["http://shop.test:b/a", "http://shop.test:b/a"],
    ["*", "*"],
  ])("%s has the path and query %s", (target, expected) => {
    expect(originForm(target)).toBe(expected);
  });

  it.each(["/api/v1/books/1", "/health", "/docs", "/docs/reference.js"])(
    "may be absolute, as for a proxy: http://shop.test%s",
    async (path) => {
      expect((await raw(`HEAD http://shop.test${path} HTTP/1.1`, "Host: shop.test")).status).toBe(200);
    },
  );

  it("may be * for OPTIONS, and for nothing else", async () => {
    const { status, head } = await raw("OPTIONS * HTTP/1.1", "Host: x");
    expect(status).toBe(204);
    expect(head).toContain("Allow: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
    expect((await raw("GET * HTTP/1.1", "Host: x")).status).toBe(400);
  });

  it.each([
    "/%",
    "http:///health",
    "http://ann:b@shop.test/health",
    "http://a:b:c/health",
    "/%zz",
    "/%ff",
    "/a%C0%80",
    "/problems/%",
    "/docs/%",
    "/api/v1/books/%e0%a4%a",
    "/health#x",
  ])("is refused when it is broken, with any method: %s", async (path) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]) {
      const { status, body } = await raw(`${method} ${path} HTTP/1.1`, "Host: x");
      expect([method, status]).toEqual([method, 400]);
      if (method !== "HEAD") expect(body["code"]).toBe("MALFORMED_REQUEST");
    }
  });
});

describe("a literal path", () => {
  it("is not read as the parameter of another route", async () => {
    const { status, head, body } = await raw("GET /api/v1/books/hooks/stripe HTTP/1.1", "Host: x");
    expect([status, body["code"]]).toEqual([405, "METHOD_NOT_ALLOWED"]);
    expect(head).toContain("Allow: POST, OPTIONS");
  });
});

describe("a file", () => {
  it.each(["/docs/reference.js", "/docs/index.html"])("is there for GET alone: %s", async (path) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "TRACE"]) {
      const { status, head, body } = await raw(`${method} ${path} HTTP/1.1`, "Host: x", "Content-Length: 0");
      expect([method, status, body["code"]]).toEqual([method, 405, "METHOD_NOT_ALLOWED"]);
      expect(head).toContain("Allow: GET, HEAD, OPTIONS");
    }
    expect((await raw(`OPTIONS ${path} HTTP/1.1`, "Host: x")).status).toBe(204);
    expect((await raw(`GET ${path} HTTP/1.1`, "Host: x")).status).toBe(200);
  });
});

describe("the framing of a request", () => {
  it.each<[string, number, string, ...string[]]>([
    ["no Host", 400, "MALFORMED_REQUEST", "GET /api/v1/books HTTP/1.1"],
    ["no Host on a system route", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1"],
    ["two Host lines", 400, "MALFORMED_REQUEST", "GET /api/v1/books HTTP/1.1", "Host: a", "host: a"],
    ["a Host that is none", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: a b"],
    ["a Host with two ports", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: a:1:2"],
    ["a Host with a port that is none", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: a:b"],
    ["a Host with half a bracket", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: [::1"],
    ["a Host with broken encoding", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: a%zz"],
    ["a Host with a path", 400, "MALFORMED_REQUEST", "GET /health HTTP/1.1", "Host: a/b"],
    [
      "a transfer coding that is not known",
      501,
      "NOT_IMPLEMENTED",
      "POST /api/v1/books HTTP/1.1",
      "Host: a",
      "Transfer-Encoding: gzip, chunked",
    ],
    [
      "two transfer codings",
      501,
      "NOT_IMPLEMENTED",
      "POST /health HTTP/1.1",
      "Host: a",
      "Transfer-Encoding: gzip",
      "Transfer-Encoding: chunked",
    ],
  ])("%s is answered %i %s", async (_what, status, code, ...lines) => {
    const answer = await raw(...lines);
    expect([answer.status, answer.body["code"]]).toEqual([status, code]);
    expect(answer.head).toContain("Content-Type: application/problem+json");
  });

  it.each(["Expect: 200-ok", "Upgrade: websocket", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__"])(
    "may ask for what is not known: %s",
    async (line) => {
      expect((await raw("GET /livez HTTP/1.1", "Host: x", line)).status).toBe(200);
    },
  );

  it("may lack a Host in HTTP/1.0, and may have an empty one", async () => {
    expect((await raw("GET /livez HTTP/1.0")).status).toBe(200);
    expect((await raw("GET /livez HTTP/1.1", "Host:")).status).toBe(200);
    expect((await raw("GET /livez HTTP/1.1", "Host: [::1]:3000")).status).toBe(200);
  });
});

describe("media types", () => {
  const patch = (type: string) =>
    fetch(`${gateway.url}/api/v1/books/1`, {
      method: "PATCH",
      headers: { "content-type": type },
      body: '{"title":"a"}',
    });

  it.each([
    "application/json;",
    "application/json ; charset=UTF-8",
    'APPLICATION/JSON;charset="utf-8"',
    "application/json; odata=verbose",
    "application/merge-patch+json; charset=utf8",
    `application/json${"; a=b".repeat(1000)}`,
  ])("%s is JSON", async (type) => {
    expect((await patch(type)).status).toBe(200);
  });

  it.each(["application/json; charset=utf-16", "application/jsonp", "text/json", "application/", ";", "json"])(
    "%s is not",
    async (type) => {
      expect((await patch(type)).status).toBe(415);
    },
  );
});

describe("the preferred language", () => {
  it.each([
    ["ko ;q=1", "ko"],
    ["ko ; q=0.8 , en;q=0.7", "ko"],
    ["en;q=0.7, KO-kr;Q=0.8", "ko"],
    ["ko;q=0, en;q=0.1", "en"],
    ["ko;q=2", "en"],
    ["ko;q=0x1", "en"],
    ["ko;q=0.0001, en;q=0.001", "en"],
    ["*", "en"],
  ])("of %s is %s", async (header, language) => {
    const answer = await fetch(`${gateway.url}/api/v1/nothing`, { headers: { "accept-language": header } });
    expect(answer.headers.get("content-language")).toBe(language);
  });
});

describe("rate limits", () => {
  it.each([
    ["what no route has", "/api/v1/nothing", "address"],
    ["a method that a route lacks", "/api/v1/rare", "address"],
    ["a file", "/docs/reference.js", "address"],
    ["what is malformed", "/%", "address"],
    ["health", "/health", "probe"],
    ["a problem's page", "/problems/NOT_FOUND", "probe"],
  ])("count %s: %s", async (what, path, name) => {
    const { head } = await raw(`${what.startsWith("a method") ? "PUT" : "GET"} ${path} HTTP/1.1`, "Host: x");
    expect(head).toMatch(new RegExp(`ratelimit: "${name}";r=\\d+;t=\\d+`, "i"));
  });
});

describe("metrics", () => {
  it.each(["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 proxy"])(
    "are not for those who come through a proxy: %s",
    async (header) => {
      expect((await raw("GET /metrics HTTP/1.1", "Host: localhost")).status).toBe(200);
      expect((await raw("GET /metrics HTTP/1.1", "Host: localhost", header)).status).toBe(404);
    },
  );

  it.each(["shop.test", "127.0.0.1.shop.test", "localhost.", "", "127.0.0.1:80:80"])(
    "are not for those who ask by a name of another place: %s",
    async (name) => expect((await raw("GET /metrics HTTP/1.1", `Host: ${name}`)).status).toBeGreaterThanOrEqual(400),
  );

  it.each(["/metrics/", "/METRICS", "/Metrics", "//metrics", "/%6detrics", "/metrics%2f", "/metrics;a=b"])(
    "have one path only: %s",
    async (path) => {
      expect((await raw(`GET ${path} HTTP/1.1`, "Host: x")).status).toBe(404);
    },
  );
});
