/** Whatever one node announces of its service, the gateway goes on serving all others. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Nothing, Strict } from "#core/schema.ts";
import { type SampleGateway, startGateway } from "../../test/support/systems/sample-gateway.ts";

const nothing = action({ summary: "Nothing", rest: "GET /evil", auth: "public", input: Strict({}), output: Nothing });
const sentence = { en: "Evil", ko: "나쁨" };
const error = { kind: "refused", title: sentence, advice: sentence };
const contract = { summary: "Evil", errors: { EVIL: error }, events: {} };
let deep: object = {};
for (let level = 0; level < 30; level += 1) deep = { type: "object", properties: { deep } };

const claims: readonly (readonly [what: string, metadata: object, action: object])[] = [
  ["a route that is no text", contract, { ...nothing, rest: 5 }],
  ["a route of no method", contract, { ...nothing, rest: "EVIL /evil" }],
  ["a route without a path", contract, { ...nothing, rest: "GET" }],
  ["a route with blanks", contract, { ...nothing, rest: "GET /evil\r\n/x" }],
  ["errors that are none", { ...contract, errors: { EVIL: null } }, nothing],
  ["errors of no kind", { ...contract, errors: { EVIL: { ...error, kind: "constructor" } } }, nothing],
  ["errors without a title", { ...contract, errors: { EVIL: { ...error, title: null } } }, nothing],
  ["errors in a text", { ...contract, errors: "EVIL" }, nothing],
  ["events without data", { ...contract, events: { made: { version: 1, summary: "x" } } }, nothing],
  ["events in a list", { ...contract, events: [1] }, nothing],
  ["a summary that is no text", { ...contract, summary: { toString: 1 } }, nothing],
  ["an input that is a text", contract, { ...nothing, input: "text" }],
  ["an output that is true", contract, { ...nothing, output: true }],
  ["an access that nobody has", contract, { ...nothing, auth: "constructor" }],
  ["a status of its own", contract, { ...nothing, status: 99_999 }],
  ["a limit below none", contract, { ...nothing, limit: -1 }],
  ["a date that is none", contract, { ...nothing, deprecated: { since: "never", sunset: 5 } }],
  ["a part that is no text", contract, { ...nothing, export: {} }],
  ["errors of an action that are no list", contract, { ...nothing, errors: 7 }],
  ["properties that are none", contract, { ...nothing, input: { type: "object", properties: { a: null } } }],
  ["properties in a text", contract, { ...nothing, input: { type: "object", properties: "text" } }],
  ["a deep schema", contract, { ...nothing, input: deep }],
  ["a reference into nowhere", contract, { ...nothing, input: { $ref: "#/nowhere" }, output: { $ref: "x" } }],
];

let gateway: SampleGateway;
let seq = 0;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.broker.stop());

interface Discoverer {
  processRemoteNodeInfo(id: string, info: object): void;
}

/** As a node elsewhere says it. */
function announce(metadata: object, evil: object): void {
  const name = "v1.evil.nothing";
  seq += 1;
  const actions = { [name]: { rawName: "nothing", ...evil, name } };
  const service = { name: "evil", version: 1, fullName: "v1.evil", settings: {}, metadata, actions, events: {} };
  const { discoverer } = gateway.broker.registry as unknown as { discoverer: Discoverer };
  const sender = "evil.host-1";
  discoverer.processRemoteNodeInfo(sender, { sender, services: [service], seq, instanceID: "evil" });
}

const get = async (path: string) => (await fetch(`${gateway.url}${path}`)).status;

it.each(claims)("serves everything else beside %s", async (_, metadata, evil) => {
  announce(metadata, evil);
  expect(await get("/api/v1/books/1")).toBe(200);
  expect(await get("/api/v1/books/0")).toBe(404);
  expect(await get("/openapi.json")).toBe(200);
  expect(await get("/problems/EVIL_EVIL")).not.toBe(500);
});

it("forgets what a service could refuse with when it announces something else", async () => {
  announce(contract, nothing);
  expect(await get("/problems/EVIL_EVIL")).toBe(200);
  announce({ ...contract, errors: {} }, nothing);
  expect(await get("/api/v1/books/1")).toBe(200);
  expect(await get("/problems/EVIL_EVIL")).toBe(404);
});

it("looks at no request by an expression that is not of its release", async () => {
  const input = Strict({ q: Type.String({ pattern: "^(a+)+$", maxLength: 100 }) });
  announce(contract, { ...nothing, input });
  // That service is asked, and nobody is there.
  expect(await get("/api/v1/evil?q=b")).toBeGreaterThanOrEqual(500);
  expect(await get(`/api/v1/evil?q=${"a".repeat(60)}b`)).toBeGreaterThanOrEqual(500);
  expect(await get("/api/v1/books/1")).toBe(200);
});
