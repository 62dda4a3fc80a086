/** Every system route under every method and whatever has broken others: nothing of it ends the gateway's process. */
import { once } from "node:events";
import { METHODS } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { systemRoutes } from "../../services/api/system.ts";
import { codePoint } from "../support/fixtures/code-point.ts";
import * as hostile from "../support/fixtures/hostile-values.ts";
import { type SampleGateway, startGateway } from "../support/systems/sample-gateway.ts";

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101);

let gateway: SampleGateway;
beforeAll(async () => {
  process.env.RATE_LIMIT = "off";
  gateway = await startGateway();
});
afterAll(() => gateway.broker.stop());

/** The bytes as they are; answers all that came back until the connection was closed. */
async function send(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString())).on("error", () => undefined);
  socket.write(bytes, "latin1");
  await once(socket, "close");
  return answer;
}

const text = fc.oneof(fc.constantFrom(...hostile.escapes, ...hostile.texts), fc.string({ unit: codePoint }));
/** As it stands in a target: what a parser of HTTP takes, however little sense it makes. */
const written = text.map((one) => encodeURI(one.toWellFormed()).replaceAll("%25", "%").slice(0, 4000));
const tail = fc.oneof(
  fc.constant(""),
  written,
  written.map((one) => `/${one}`),
  written.map((one) => `?${one}`),
  fc.constantFrom("/", "//", "/..", "/%2e%2e/%2e%2e/etc/passwd", ";a", "#a", "?", "?a=%", "/a".repeat(4000)),
);
const header = fc
  .constantFrom(...hostile.headers)
  .map((one) => Object.entries(one).map(([name, value]) => `${name}: ${value}\r\n`))
  .map((lines) => lines.join(""));
const before = fc.constantFrom("", "", "", "http://shop.test", "//", "/x", "http://");
const version = fc.constantFrom("1.1", "1.1", "1.1", "1.0", "2.0");
const body = fc.oneof(fc.constant(undefined), fc.constantFrom(...hostile.bodies));

const cases = systemRoutes.flatMap((route) => METHODS.map((method) => [method, route.split(" ")[1]!] as const));

describe.each(cases)("%s %s", (method, route) => {
  it("is answered, whatever comes with it", async () => {
    const path = route.replace("/:code", "");
    const property = fc.asyncProperty(before, tail, header, version, body, async (prefix, rest, line, http, sent) => {
      const length = sent === undefined ? "" : `Content-Length: ${Buffer.byteLength(sent, "latin1")}\r\n`;
      const head = `${method} ${prefix}${path}${rest} HTTP/${http}\r\nHost: x\r\nConnection: close\r\n${line}${length}\r\n`;
      const answer = await send(`${head}${sent ?? ""}`);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);
      // Node closes the connection of who wants a tunnel.
      if (status === 0) expect([method, answer]).toEqual(["CONNECT", ""]);
      const isProblem = answer.includes("application/problem+json");
      if (status >= 500 || (status >= 400 && !isProblem)) throw new Error(`${head.slice(0, 500)}\n→ ${answer}`);
    });
    await fc.assert(property, { seed, numRuns: 6 });
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  });
});
