/** What the guides let a newcomer type, typed: CONTRIBUTING.md's service, and what docs/guide/patterns.md adds to it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/fixtures/source.ts";
import { ProjectCopy } from "../support/systems/project-copy.ts";

/** A file of the service, and where a block of code goes there: below or above a text, in its place, or around it. */
type Place = readonly [file: string, how: "below" | "above" | "instead of" | "beside" | "all of it", text: string];

const CONTRACT = "wishlist.contract.ts";
const SERVICE = "wishlist.service.ts";
const REPOSITORY = "wishlist.repository.ts";
const SPEC = "wishlist.service.spec.ts";
const IN_ACTIONS = [CONTRACT, "above", "  },\n  events: {\n"] as const;
const HANDLERS = [SERVICE, "below", "  actions: {\n"] as const;

/** Where the sentence above each block of CONTRIBUTING.md puts it. */
const contributing: readonly Place[] = [
  [SPEC, "above", '\n  it("rejects with UNAUTHENTICATED who has not signed in"'],
  [SPEC, "below", 'import { newId } from "#core/id.ts";\n'],
  ["wishlist.config.ts", "all of it", ""],
  [CONTRACT, "above", "import { ById, Id, Nothing, Page"],
  [CONTRACT, "below", '  summary: "The wishlists of customers",\n'],
  [CONTRACT, "below", "      input: Strict({ name: Text(100) }),\n      output: Wishlist,\n"],
  [REPOSITORY, "above", "import { wishlist as contract"],
  [REPOSITORY, "above", "const editRow = "],
  [
    REPOSITORY,
    "instead of",
    "export async function insert(tx: Tx, userId: string, name: string): Promise<Wishlist> {\n",
  ],
  [CONTRACT, "above", "import { outbox }"],
  [CONTRACT, "instead of", "  blocks: [outbox],\n"],
  [SERVICE, "above", "import { outbox }"],
  [
    SERVICE,
    "instead of",
    '  mixins: [database<repository.WishlistTables>({ migrations: new URL("./migrations/", import.meta.url) }), outbox()],\n',
  ],
  [SERVICE, "above", "});\n"],
  [REPOSITORY, "above", "import { pageById }"],
  [REPOSITORY, "instead of", "type Tx = Transaction<WishlistTables>;\n"],
  [REPOSITORY, "above", "const fromRow = "],
  [REPOSITORY, "above", "/** @throws NOT_FOUND */\nexport async function remove("],
  [SPEC, "below", 'import { newId } from "#core/id.ts";\n'],
  [SPEC, "above", 'describe("wishlist.get"'],
];

/** Where each block of docs/guide/patterns.md stands; what `new:service` has made already is there. */
const patterns: readonly Place[] = [
  IN_ACTIONS,
  HANDLERS,
  [CONTRACT, "below", '  summary: "The wishlists of customers",\n'],
  [SERVICE, "below", "      const productId = ctx.params.id;\n"],
  [SERVICE, "below", "      const { id } = ctx.params;\n"],
  [CONTRACT, "beside", ""],
  [SERVICE, "beside", ""],
  IN_ACTIONS,
  HANDLERS,
];

/** What patterns.md takes for granted: a kind of job, and a place for a call. */
const given: readonly (readonly [code: string, place: Place])[] = [
  [
    'import { job } from "#core/contract.ts";\nimport { jobs } from "#mixins/jobs/jobs.contract.ts";\n',
    [CONTRACT, "above", "import { outbox }"],
  ],
  ["LiveItems, ", [CONTRACT, "above", "Nothing, Page"]],
  ["  blocks: [outbox, inbox, jobs],\n", [CONTRACT, "instead of", "  blocks: [outbox, inbox],\n"]],
  ['  jobs: { remind: job({ summary: "Remind", input: ById }) },\n', [CONTRACT, "above", "  actions: {\n"]],
  [
    'import { DAY } from "#core/clock.ts";\nimport { jobs } from "#mixins/jobs/jobs.mixin.ts";\n',
    [SERVICE, "above", "import { outbox }"],
  ],
  ["    inbox(),\n    jobs(contract),\n", [SERVICE, "instead of", "    inbox(),\n"]],
  ["  jobs: { remind: () => Promise.resolve({}) },\n", [SERVICE, "above", "});\n"]],
  [
    "    async remove(ctx) {\n      const productId = ctx.params.id;\n      void items;\n      const { id } = ctx.params;\n",
    [SERVICE, "instead of", "    async remove(ctx) {\n"],
  ],
];

let copy: ProjectCopy;
beforeAll(() => {
  copy = new ProjectCopy();
  copy.pass("scripts/new-service.ts", "wishlist");
});
afterAll(() => copy.remove());

const pathOf = (file: string) => join(copy.path, "services/wishlist", file);

function type(code: string, [file, how, text]: Place): void {
  if (how === "all of it") return writeFileSync(pathOf(file), code);
  const before = readFileSync(pathOf(file), "utf8");
  expect(before).toContain(how === "beside" ? code : text);
  if (how === "beside") return;
  const at = before.lastIndexOf(text);
  const parts = { below: text + code, above: code + text, "instead of": code };
  writeFileSync(pathOf(file), before.slice(0, at) + parts[how] + before.slice(at + text.length));
}

/** Types every block of TypeScript in a part of a guide. */
function follow(guide: string, from: string, to: string, places: readonly Place[]): void {
  const text = readFileSync(join(root, guide), "utf8");
  const part = text.slice(text.indexOf(`\n${from}`), text.indexOf(`\n${to}`));
  const blocks = [...part.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
  // A block that is new needs a place here.
  expect(blocks).toHaveLength(places.length);
  for (const [index, code] of blocks.entries()) type(code, places[index]!);
}

function compile(): void {
  const include = ["services/*/*.contract.ts", "services/wishlist/**/*.ts"];
  writeFileSync(join(copy.path, "made.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
  copy.pass("node_modules/typescript/bin/tsc", "--noEmit", "--singleThreaded", "--project", "made.json");
}

it("CONTRIBUTING.md makes a service that compiles and passes the specs it shows, on both databases", () => {
  follow("CONTRIBUTING.md", "## Add a service in ten minutes", "### 5. Finish", contributing);
  compile();
  copy.pass("node_modules/jest/bin/jest.js", "--maxWorkers=1", "services/wishlist");
});

it("docs/guide/patterns.md adds each pattern to it, and gRPC by itself", () => {
  for (const [code, place] of given) type(code, place);
  follow("docs/guide/patterns.md", "## Add each to a service of your own", "Browsers read it with", patterns);
  compile();
  copy.pass("scripts/generate.ts");
  const generated = (file: string) => readFileSync(join(copy.path, file), "utf8");
  expect(generated("clients/proto/madang/wishlist/v1/wishlist.proto")).toMatch(/rpc Archive\(.+rpc Watch\(/s);
  expect(generated("docs/openapi.json")).toContain("/api/v1/wishlists/{id}/archive");
  expect(generated("docs/asyncapi.json")).toContain("wishlist.created");
});
