/**
 * `npm run import -- goods.csv`: sends a file of products to a shop over its HTTP API and waits for its import. Rows that were refused
 * are in a report beside the file, and end the command with status 1.
 */
import { open, readFile, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ConfigError } from "#core/config.ts";
import { accountsFile, type DemoAccount } from "#mixins/node/demo.ts";
import { giveUp } from "#mixins/node/fault.ts";
import { type Client, createClient, isMadangError } from "../../clients/typescript/src/index.ts";

/** Bytes of one request: its Base64 fits into one message. */
const PART = 720_000;
/** Parts of one file at most, as the contract says. */
const MOST_PARTS = 300;
const WIDTH = 30;
const USAGE =
  "Usage: npm run import -- goods.csv, with MADANG_URL and MADANG_API_KEY for another shop than this one's demo.";

function show(word: string, done: number, total: number): void {
  if (!process.stderr.isTTY) return;
  const full = Math.round((done / Math.max(total, 1)) * WIDTH);
  const share = Math.floor((done / Math.max(total, 1)) * 100);
  process.stderr.write(`\r${word} ${"█".repeat(full)}${"░".repeat(WIDTH - full)} ${share} %\u001b[K`);
}

/** With an API key, or as the demo's administrator of this data folder. */
async function signedIn(): Promise<Client> {
  const { MADANG_URL, MADANG_API_KEY: key, PORT = "3000", LANG = "" } = process.env;
  const url = MADANG_URL ?? `http://127.0.0.1:${PORT}`;
  const language = LANG.startsWith("ko") ? ("ko" as const) : ("en" as const);
  const authorized: typeof fetch = (target, init = {}) =>
    fetch(target, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${key}` },
    });
  if (key) return createClient({ url, language, fetch: authorized });
  const file = await readFile(accountsFile(), "utf8").catch(() => null);
  const admin = file === null ? undefined : (JSON.parse(file) as DemoAccount[]).find(({ role }) => role === "admin");
  if (!admin) throw new ConfigError(USAGE);
  const client = createClient({ url, language });
  await client.session.signIn({ email: admin.email, password: admin.password });
  return client;
}

/** Answers the id of the import, which begins with the last part. */
async function send(client: Client, path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) throw new ConfigError(`The file ${path} is empty.`);
    if (size > MOST_PARTS * PART)
      throw new ConfigError(`The file ${path} has more than ${(MOST_PARTS * PART) / 1e6} MB: cut it into several.`);
    let id = "";
    for (let [from, number] = [0, 1]; from < size; from += PART, number += 1) {
      const length = Math.min(PART, size - from);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      // What was sent already waits for more and is never imported.
      if (bytesRead < length) throw new ConfigError(`The file ${path} became shorter while it was sent.`);
      const part = { content: buffer, isPart: from + PART < size };
      if (number === 1) ({ id } = await client.product.createImport(part));
      else await client.product.addImportPart({ id, number, ...part });
      show("sending  ", Math.min(from + PART, size), size);
    }
    return id;
  } finally {
    await file.close();
  }
}

async function followed(client: Client, id: string) {
  for (;;) {
    const found = await client.product.getImport({ id });
    const { progress } = await client.product.getJob({ id });
    show("importing", progress?.done ?? 0, progress?.total ?? 1);
    if (found.state === "done" || found.state === "cancelled" || found.state === "failed") return found;
    await pause(500);
  }
}

async function importFile(): Promise<void> {
  const path = process.argv[2];
  if (path === undefined || process.argv.length !== 3) throw new ConfigError(USAGE);
  const client = await signedIn();
  const id = await send(client, path);
  const { state, created, changed, refused } = await followed(client, id);
  if (process.stderr.isTTY) process.stderr.write("\n");
  console.log(`${created} products are new, ${changed} were changed, ${refused} rows were refused.`);
  if (refused > 0) {
    const report = `${path.replace(/\.csv$/i, "")}.refused.csv`;
    const answer = await client.fetch("product.getImportReport", { id }, { accept: "text/csv" });
    await writeFile(report, Buffer.from(await answer.arrayBuffer()));
    console.log(`${report} says why.`);
  }
  if (state !== "done") console.log(`The import ${id} was ${state === "failed" ? "given up: see its job" : state}.`);
  process.exit(state === "done" && refused === 0 ? 0 : 1);
}

importFile().catch((error: unknown) => {
  const { code } = error as NodeJS.ErrnoException;
  if (isMadangError(error)) giveUp(new ConfigError(`${error.message} (${error.code})`));
  giveUp(code === "ENOENT" ? new ConfigError(`There is no file ${process.argv[2]}.`) : error);
});
