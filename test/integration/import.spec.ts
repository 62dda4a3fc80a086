/** `npm run import` against the platform as users run it, also when that is killed within an import. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Client, createClient } from "../../clients/typescript/src/index.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";

const root = join(import.meta.dirname, "../..");
const HEAD = "sku,name,description,price,currency,stock\r\n";

let platform: Platform;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "madang-import-"));
  platform = await Platform.start();
  await platform.accounts();
});
afterAll(async () => {
  await platform.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** What the command says, and the status with which it ends. */
async function run(...args: readonly string[]) {
  const env = {
    ...process.env,
    NODE_OPTIONS: "",
    DATA_DIR: platform.dataDir,
    PORT: `${platform.port}`,
    LANG: "ko_KR.UTF-8",
  };
  const command = promisify(execFile)("node", ["scripts/run.mjs", "import", ...args], { cwd: root, env });
  return command.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
  );
}
async function written(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
async function staff(): Promise<Client> {
  const client = createClient({ url: platform.url });
  const { email, password } = (await platform.accounts()).find(({ role }) => role === "admin")!;
  await client.session.signIn({ email, password });
  return client;
}

describe("npm run import", () => {
  it("imports a file in parts, and leaves a report of what was refused beside it", async () => {
    // Long enough for two parts.
    const rows = Array.from(
      { length: 400 },
      (_, at) => `N-${at},녹차 ${at},"${"차 한 잔, ".repeat(150)}끝",1000,KRW,3`,
    );
    const path = await written("goods.csv", `\uFEFF${HEAD}${rows.join("\r\n")}\r\nN-x,,,,,\r\n`);
    await expect(run(path)).resolves.toEqual({ code: 1, said: expect.stringContaining("400 products are new") });
    const report = await readFile(join(folder, "goods.refused.csv"), "utf8");
    expect(report).toMatch(/\r\n402,N-x,VALIDATION_FAILED,[^\r\n]*[가-힣]/);
    const again = await run(await written("again.csv", `${HEAD}N-1,,,1000,KRW,3`));
    expect(again).toEqual({ code: 0, said: expect.stringContaining("0 products are new, 0 were changed, 0 rows") });
  });

  it.each([
    ["an empty file", "", /is empty/],
    [
      "a file in EUC-KR",
      Buffer.from([...Buffer.from("sku,name\nA1,"), 0xb3, 0xec, 0xc2, 0xf7]),
      /PRODUCT_IMPORT_ENCODING/,
    ],
    ["a file with semicolons", "sku;name\nA1;Tea", /PRODUCT_IMPORT_COLUMNS/],
  ])("ends with a sentence for %s", async (_what, content, sentence) => {
    const { code, said } = await run(await written("wrong.csv", content));
    expect(code).not.toBe(0);
    expect(said).toMatch(sentence);
    expect(said).not.toMatch(/\n\s+at /);
  });
});

it("imports each row once when the platform is killed within the import and started again", async () => {
  const client = await staff();
  const count = 3000;
  const rows = Array.from({ length: count }, (_, at) => `K-${at},Tea ${at},,1000,KRW,${(at % 5) + 1}`);
  const content = Buffer.from(HEAD + rows.join("\n")).toString("base64");
  const { id } = await client.product.createImport({ content });
  await eventually(async () => ((await client.product.getImport({ id })).rows > 0 ? true : null));
  await platform.end("SIGKILL");
  platform = await Platform.start({ dataDir: platform.dataDir, port: platform.port });
  const found = await eventually(async () => {
    const now = await client.product.getImport({ id });
    return now.state === "done" ? now : null;
  });
  expect(found).toMatchObject({ created: count, changed: 0, refused: 0, rows: count });
  const { items } = await client.product.list({ q: "K-2999" });
  expect(items).toMatchObject([{ sku: "K-2999", sellable: 5 }]);
  await expect(client.product.listMovements({ id: items[0]!.id })).resolves.toMatchObject({
    items: [{ kind: "initial", onHand: 5 }],
  });
});
