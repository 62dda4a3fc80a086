/** What the MCP gateway takes and refuses of HTTP and of JSON-RPC, and how it says so. */
import type { ServiceBroker } from "moleculer";
import { type HttpAnswer, sendRequest } from "../../test/support/actors/http-request.ts";
import { Agent } from "../../test/support/actors/agent.ts";
import { bookContract, sleepingCalls, startGateway, tokenOf } from "../../test/support/systems/sample-gateway.ts";
import type { Gateway } from "./gateway.ts";

const ORIGIN = "https://agent.example.test";

let broker: ServiceBroker;
let url: string;
let agent: Agent;
beforeAll(async () => {
  Object.assign(process.env, { MCP_PORT: "0", MCP_ORIGINS: ORIGIN });
  const { mcpService } = await import("./mcp.service.ts");
  ({ broker } = await startGateway(mcpService(async () => [bookContract])));
  ({ url } = (broker.getLocalService("v1.mcp") as unknown as { gateway: Gateway }).gateway);
  agent = await Agent.connect(url, { isOld: true, token: await tokenOf("ann", "customer") });
});
afterAll(async () => {
  await agent.close();
  await broker.stop();
});

const base = () => url.slice(0, -"/mcp".length);
const json = { "content-type": "application/json", accept: "application/json, text/event-stream" };
const message = (method: string, params: object = {}) => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
const post = (body: string, headers: Record<string, string> = {}, path = "/mcp"): Promise<HttpAnswer> =>
  sendRequest(base(), "POST", path, { ...json, ...headers }, body);
const list = message("tools/list");

describe("a request", () => {
  const refused: readonly [string, number, string, () => Promise<HttpAnswer>][] = [
    ["of another path", 404, "NOT_FOUND", () => post(list, {}, "/mcp/x")],
    ["that opens a stream", 405, "METHOD_NOT_ALLOWED", () => sendRequest(base(), "GET", "/mcp", json)],
    ["that ends a session", 405, "METHOD_NOT_ALLOWED", () => sendRequest(base(), "DELETE", "/mcp", json)],
    ["of a foreign page", 403, "FORBIDDEN", () => post(list, { origin: "https://evil.example.test" })],
    ["of a page without an address", 403, "FORBIDDEN", () => post(list, { origin: "null" })],
    ["of a page that only looks local", 403, "FORBIDDEN", () => post(list, { origin: "http://localhost.evil.test" })],
    ["with a garbage token", 401, "TOKEN_INVALID", () => post(list, { authorization: "Bearer x.y.z" })],
    ["with another kind of sign-in", 401, "TOKEN_INVALID", () => post(list, { authorization: "Basic eDp5" })],
    ["that is no JSON", 400, "MALFORMED_JSON", () => post("{")],
    ["that reaches for a prototype", 400, "MALFORMED_JSON", () => post('{"__proto__":{"id":1}}')],
    ["of many messages", 400, "MALFORMED_REQUEST", () => post(`[${list},${list}]`)],
    ["of no message", 400, "MALFORMED_REQUEST", () => post("null")],
    ["of another type", 415, "UNSUPPORTED_MEDIA_TYPE", () => post(list, { "content-type": "text/plain" })],
    ["that is too large", 413, "PAYLOAD_TOO_LARGE", () => post(JSON.stringify("x".repeat(300_000)))],
  ];
  it.each(refused)("%s is answered %i %s", async (_, status, code, request) => {
    const answer = await request();
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  it("tells how to sign in, which methods there are, and its limits", async () => {
    const unknown = await post(list, { authorization: "Bearer x.y.z" });
    expect(unknown.headers.get("www-authenticate")).toBe('Bearer realm="madang", error="invalid_token"');
    const { headers } = await sendRequest(base(), "GET", "/mcp", json);
    expect([headers.get("allow"), headers.get("ratelimit")]).toEqual([
      "POST, OPTIONS",
      expect.stringMatching(/^"address";r=\d+/),
    ]);
  });

  it.each([ORIGIN, "http://localhost:6274", "http://127.0.0.1:8080", "http://[::1]"])(
    "of a page of %s is answered, and the page may read it",
    async (origin) => {
      const { status, headers } = await sendRequest(base(), "OPTIONS", "/mcp", { origin });
      expect([status, headers.get("access-control-allow-origin")]).toEqual([204, origin]);
      expect(headers.get("access-control-allow-headers")).toContain("MCP-Protocol-Version");
      expect((await post(list, { origin })).status).toBe(200);
    },
  );

  it("may come without a handshake, in any node, and leaves nothing behind", async () => {
    const { status, headers, text } = await post(message("tools/call", { name: "book_who", arguments: {} }));
    expect([status, headers.get("mcp-session-id")]).toEqual([200, null]);
    expect(text).toContain('\\"language\\":null');
  });

  it("keeps its trace and its id", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const call = message("tools/call", { name: "book_who", arguments: {} });
    const { text, headers } = await post(call, { traceparent, "x-request-id": "mine" });
    expect(text).toContain("0af7651916cd43dd8448eb211c80319c");
    expect(headers.get("x-request-id")).toBe("mine");
  });
});

describe("a method", () => {
  const revision = "2026-07-28";
  const envelope = {
    "io.modelcontextprotocol/protocolVersion": revision,
    "io.modelcontextprotocol/clientInfo": { name: "x", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };

  it.each(["prompts/list", "logging/setLevel", "completion/complete", "resources/subscribe", "nonsense"])(
    "%s is not there",
    async (method) => {
      const { text } = await post(message(method, { uri: "madang://x", level: "info" }));
      expect(text).toMatch(/-32601|-32602/);
    },
  );

  it("that would hold a stream open is refused", async () => {
    const params = { _meta: envelope, notifications: { toolsListChanged: true } };
    const headers = { "mcp-protocol-version": revision, "mcp-method": "subscriptions/listen" };
    const { text } = await post(message("subscriptions/listen", params), headers);
    expect(text).toContain('"error"');
  });

  it("of a protocol to come is answered with the ones that are known", async () => {
    const params = { _meta: { ...envelope, "io.modelcontextprotocol/protocolVersion": "2099-01-01" } };
    const headers = { "mcp-protocol-version": "2099-01-01", "mcp-method": "tools/list" };
    const { status, text } = await post(message("tools/list", params), headers);
    expect([status, text]).toEqual([400, expect.stringContaining(revision)]);
  });
});

describe("a tool", () => {
  it("is made of an action with a route that ends, and is neither signed nor limited by itself", async () => {
    expect(await agent.tools()).toEqual(
      ["list", "get", "getCover", "edit", "add", "fail", "sleep", "who"].map((one) => `book_${one}`),
    );
  });

  it.each(["book_watch", "book_hook", "book_rare", "nonsense", "__proto__", "constructor"])(
    "that is none is not called: %s",
    async (name) => {
      await expect(agent.failure(name, { id: "1" })).rejects.toThrow(`Unknown tool: ${name}`);
    },
  );

  it("of another role is refused", async () => {
    expect(await agent.failure("book_remove", { id: "1" })).toMatchObject({ code: "FORBIDDEN" });
  });

  it("says what is wrong with its arguments", async () => {
    expect(await agent.failure("book_get", { id: 7, more: 1 })).toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ pointer: "" }, { pointer: "/id" }],
    });
  });

  it("fails with code, title and advice in the language of the caller", async () => {
    const korean = await Agent.connect(url, { isOld: true, language: "ko" });
    expect(await korean.failure("book_get", { id: "0" })).toMatchObject({
      code: "NOT_FOUND",
      title: "요청하신 내용을 찾을 수 없습니다",
    });
    await korean.close();
  });

  it("keeps to itself why it failed unexpectedly", async () => {
    const failure = await agent.failure("book_fail");
    expect(failure).toMatchObject({ code: "INTERNAL_ERROR", traceId: expect.stringMatching(/^[\da-f]{32}$/) });
    expect(JSON.stringify(failure)).not.toContain("hunter2");
  });

  it("is counted by how its calls end", async () => {
    const { metricLines } = await import("#mixins/node/metric-sources.ts");
    await agent.call("book_get", { id: "1" });
    const lines = await metricLines(broker);
    expect(lines).toContainEqual(expect.stringMatching(/^mcp_calls_total\{tool="book_get",code="ok"\} \d+$/));
    expect(lines.join("\n")).not.toContain("nonsense");
  });
});

describe("a resource", () => {
  it.each([
    "madang://books/0",
    "madang://books/%ff",
    "madang://books",
    "madang://",
    "file:///etc/passwd",
    "x".repeat(9000),
  ])("that is not there is not found: %.30s", async (uri) => {
    await expect(agent.read(uri)).rejects.toThrow(/not found|NOT_FOUND|Invalid/i);
  });

  it("stands by its template, or by itself when its route has no parameters", async () => {
    const { resources } = await agent.client.listResources();
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    expect(resources.map(({ uri }) => uri)).toEqual(["madang://fail", "madang://who"]);
    const templates = resourceTemplates.map(({ uriTemplate }) => uriTemplate);
    expect(templates).toEqual(["madang://books/{id}", "madang://books/{id}/cover"]);
    expect(await agent.read("madang://books/1")).toMatchObject({ title: "Dune" });
  });

  it("that is a file is given as its bytes, with its media type", async () => {
    const uri = "madang://books/1/cover";
    const { contents } = await agent.client.readResource({ uri });
    expect(contents).toEqual([{ uri, mimeType: "image/png", blob: Buffer.from("cover").toString("base64") }]);
    const { resourceTemplates } = await agent.client.listResourceTemplates();
    expect(resourceTemplates.map(({ mimeType }) => mimeType)).toEqual(["application/json", "image/png"]);
    await expect(agent.read("madang://books/0/cover")).rejects.toThrow(/NOT_FOUND/);
  });
});

it("a gateway that stops answers what it has taken, and takes no more", async () => {
  const call = message("tools/call", { name: "book_sleep", arguments: { ms: 60_000 } });
  const answer = post(call);
  while (sleepingCalls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const stopping = broker.stop();
  sleepingCalls.shift()!();
  expect((await answer).status).toBe(200);
  await stopping;
  await expect(post(list)).rejects.toThrow();
});
