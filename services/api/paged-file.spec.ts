/** Files that a service answers in pages. */
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict, Text } from "#core/schema.ts";
import { sendRequest } from "../../test/support/actors/http-request.ts";
import { type SampleGateway, startGateway } from "../../test/support/systems/sample-gateway.ts";

/** More than the buffers between a server and its client hold. */
const LONG = 8_000_000;
const PAGES = 3;
const asked: string[] = [];

const contract = defineContract("scroll", {
  summary: "Long texts of specs",
  errors: {},
  actions: {
    get: action({
      summary: "A long text",
      rest: "GET /scrolls/:kind",
      auth: "public",
      file: "text/plain",
      input: Strict({ kind: Text(20), cursor: Type.Optional(Text(20)) }),
      output: Type.Object({
        name: Type.String(),
        mediaType: Type.Literal("text/plain"),
        content: Type.String(),
        nextCursor: Type.Union([Type.String(), Type.Null()]),
      }),
    }),
  },
});
const service = implement(contract, {
  actions: {
    get({ params: { kind, cursor = "1" } }) {
      asked.push(cursor);
      const number = Number(cursor);
      if (kind === "torn" && number === 2) throw new Error("The second page is lost.");
      const text = kind === "long" ? String(number).repeat(LONG) : `page ${number}\n`;
      const content = Buffer.from(text).toString("base64");
      const nextCursor = number < PAGES ? String(number + 1) : null;
      return { name: "scroll.txt", mediaType: "text/plain" as const, content, nextCursor };
    },
  },
});

let gateway: SampleGateway;
beforeAll(async () => {
  gateway = await startGateway(service as never);
});
afterAll(() => gateway.broker.stop());
beforeEach(() => asked.splice(0));

const accept = { accept: "text/plain" };
const ask = (kind: string, method = "GET", headers: Record<string, string> = accept) =>
  sendRequest(gateway.url, method, `/api/v1/scrolls/${kind}`, headers);

it("is sent as one, with its name, to who asks for the file", async () => {
  const { text, headers } = await ask("short");
  expect(text).toBe("page 1\npage 2\npage 3\n");
  expect(headers.get("content-type")).toBe("text/plain");
  expect(headers.get("content-disposition")).toContain("scroll.txt");
});

it("is answered page by page in JSON", async () => {
  const { body } = await ask("short", "GET", { accept: "application/json" });
  expect(body).toMatchObject({ nextCursor: "2", content: Buffer.from("page 1\n").toString("base64") });
});

it("is read only once for HEAD", async () => {
  const { status, text } = await ask("short", "HEAD");
  expect([status, text, asked]).toEqual([200, "", ["1"]]);
});

it("is cut, so that nobody takes it for whole, when a page is lost", async () => {
  await expect(ask("torn")).rejects.toThrow(/terminated|fetch failed/);
  expect((await ask("short")).status).toBe(200);
});

it("waits for a slow client, and asks for no more pages once that is gone", async () => {
  const controller = new AbortController();
  const { body } = await fetch(`${gateway.url}/api/v1/scrolls/long`, { headers: accept, signal: controller.signal });
  const reader = body!.getReader();
  await reader.read();
  expect(asked).toEqual(["1"]);
  controller.abort();
  await expect(reader.read()).rejects.toThrow();
  // The next request is answered after the server has heard of the end.
  await ask("short");
  expect(asked).toEqual(["1", "1", "2", "3"]);
});
