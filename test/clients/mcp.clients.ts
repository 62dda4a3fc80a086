/** The protocol's own conformance suite against the MCP gateway. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/fixtures/source.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { run } from "./program.ts";

const VERSION = "0.1.16";
/** Its hundred packages serve nothing else, so they are fetched when it runs for the first time. */
const folder = join(root, `node_modules/.cache/madang/mcp-conformance-${VERSION}`);
const program = join(folder, "node_modules/@modelcontextprotocol/conformance/dist/index.js");

const scenarios = [
  "server-initialize",
  "ping",
  "tools-list",
  "resources-list",
  "server-sse-polling",
  "server-sse-multiple-streams",
  "dns-rebinding-protection",
];

/** What the suite asks of a server that it brings itself, by the reason why it cannot be asked of another. */
const leftOut = {
  "calls a sample tool, such as test_simple_text": [
    "tools-call-simple-text",
    "tools-call-image",
    "tools-call-audio",
    "tools-call-embedded-resource",
    "tools-call-mixed-content",
    "tools-call-error",
    "tools-call-with-progress",
    "tools-call-sampling",
    "tools-call-elicitation",
    "json-schema-2020-12",
    "elicitation-sep1034-defaults",
    "elicitation-sep1330-enums",
  ],
  "reads a sample resource, such as test://static-text": [
    "resources-read-text",
    "resources-read-binary",
    "resources-templates-read",
  ],
  "needs what the gateway does not offer: logging": ["logging-set-level", "tools-call-with-logging"],
  "needs what the gateway does not offer: completions": ["completion-complete"],
  "needs what the gateway does not offer: subscriptions to resources": ["resources-subscribe", "resources-unsubscribe"],
  "needs what the gateway does not offer: prompts": [
    "prompts-list",
    "prompts-get-simple",
    "prompts-get-with-args",
    "prompts-get-embedded-resource",
    "prompts-get-with-image",
  ],
};

/** @throws Error with what it printed when a check fails */
const suite = (...words: readonly string[]): Promise<string> => run(folder, process.execPath, program, ...words);

let allServices: AllServices;
beforeAll(async () => {
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const quietly = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    await run(folder, "npm", "install", "--prefix", ".", ...quietly, `@modelcontextprotocol/conformance@${VERSION}`);
  }
  allServices = await AllServices.open({ MCP_PORT: "0" });
});
afterAll(() => allServices.close());

it("has no scenario that nobody has looked at", async () => {
  const known = [...(await suite("list", "--server")).matchAll(/^ {2}- (\S+)/gm)].map(([, name]) => name!);
  expect(known.toSorted()).toEqual([...scenarios, ...Object.values(leftOut).flat()].toSorted());
});

it("leaves nothing out that the gateway offers", async () => {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "spec", version: "1" } };
  const answer = await fetch(allServices.mcpUrl, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params }),
  });
  const { capabilities } = JSON.parse(/\{.*\}/.exec(await answer.text())![0]).result as { capabilities: object };
  for (const offer of ["logging", "completions", "prompts", "resources.subscribe"])
    expect(capabilities).not.toHaveProperty(offer, expect.anything());
  expect(capabilities).toHaveProperty("tools");
});

it.each(scenarios)("passes %s", (scenario) =>
  suite("server", "--url", allServices.mcpUrl, "--scenario", scenario).then((told) => expect(told).toContain("Passed")),
);
