/** How a node starts: what goes wrong is told in one sentence and by the exit code, what it compiled is left to the next. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services, serve } from "#mixins/node/runtime.mjs";
import { startNats } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";
import { root } from "../support/fixtures/source.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "madang-start-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a node that is expected to give up. */
function start(env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", ...serve, services],
    {
      cwd: root,
      encoding: "utf8",
      timeout: 90_000,
      env: { ...process.env, NODE_OPTIONS: "", LOG_LEVEL: "warn", DATA_DIR: join(folder, "data"), PORT: "0", ...env },
    },
  );
  return { status, stdout, stderr };
}

const sentence = (text: RegExp) => expect.stringMatching(new RegExp(`^${text.source}\\n$`));

it("says that a port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  expect(start({ PORT: String(port) })).toEqual({
    status: 1,
    stdout: "",
    stderr: sentence(new RegExp(`The port ${port} on 127\\.0\\.0\\.1 is taken: set PORT or HOST to another\\.`)),
  });
  other.close();
});

it("says that the data folder cannot be written", () => {
  writeFileSync(join(folder, "file"), "");
  const { status, stdout, stderr } = start({ DATA_DIR: join(folder, "file", "data") });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toEqual(sentence(/The data folder \S+ cannot be written \(ENOTDIR\): set DATA_DIR to another\./));
});

it("waits for a NATS server that is away, says so, and is ready when it comes", async () => {
  const nats = await startNats({ folder: join(folder, "nats") });
  await nats.stop();
  const node = await Platform.launch({ env: { TRANSPORTER: nats.url, SERVICES: "user" } });
  await eventually(() => node.output.includes(`waits for 127.0.0.1:${nats.port}, which does not answer yet.`));
  await nats.restart();
  await eventually(() => node.output.includes("is ready: runs user"));
  expect(await node.end()).toBe(0);
  await node.dispose();
  await nats.stop();
});

const other = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });

// Only the service that reads it: most of the time goes into loading code.
it.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ["a port", { SERVICES: "api", PORT: "eighty" }, /PORT must be a port from 0 to 65535, not "eighty"\./],
  [
    "a rate",
    { SERVICES: "product", PRODUCT_TAX_RATE: "20000" },
    /PRODUCT_TAX_RATE must be a whole number from 0 to 10000, not "20000"\./,
  ],
  [
    "an origin with a slash",
    { SERVICES: "api", CORS_ORIGINS: "https://shop.example.com/" },
    /CORS_ORIGINS must be origins without .+, not "https:\/\/shop\.example\.com\/"\./,
  ],
  [
    "a sender",
    { SERVICES: "notification", MAIL_FROM: "nonsense" },
    /MAIL_FROM must be an e-mail address, .+, not "nonsense"\./,
  ],
  [
    "a secret",
    { SERVICES: "product", SERVICE_KEY: "short" },
    /SERVICE_KEY must be a secret of at least 32 characters\./,
  ],
  [
    "a file that is not there",
    { SERVICES: "notification", SMTP_URL_FILE: "/nowhere" },
    /SMTP_URL_FILE names "\/nowhere", which cannot be read \(ENOENT\)\./,
  ],
  [
    "a provider without its key",
    { SERVICES: "payment", PAYMENT_PROVIDER: "stripe" },
    /PAYMENT_PROVIDER is stripe, which needs PAYMENT_STRIPE_KEY\./,
  ],
  ["services", { SERVICES: "ordr,user" }, /SERVICES names ordr, but the services are account, api, .+, webhook\./],
  ["half of gRPC", { GRPC_WEB_PORT: "0" }, /GRPC_WEB_PORT is set, so GRPC_PORT must be set too\./],
  [
    "one database for all",
    { SERVICES: "user,product", DATABASE_URL: "postgres://db/shop" },
    /DATABASE_URL must have \{service\} in the place of the database, since .+ each need their own\./,
  ],
  [
    "one database for all, each with its own account",
    { SERVICES: "user,product", DATABASE_URL: "postgres://{service}@db/shop?application_name={service}" },
    /DATABASE_URL must have \{service\} in the place of the database, since .+ each need their own\./,
  ],
  [
    "half a pair of keys",
    { SERVICES: "user", TOKEN_PUBLIC_KEY: JSON.stringify(other) },
    /TOKEN_PUBLIC_KEY is set and this node signs tokens, so TOKEN_PRIVATE_KEY must be set too\./,
  ],
  [
    "one port for two",
    { SERVICES: "api", PORT: "18123", NODE_PORT: "18123" },
    /NODE_PORT must be another port than PORT\./,
  ],
  [
    "sessions",
    { SERVICES: "user", USER_SESSION_LIFETIME: "1000" },
    /USER_SESSION_IDLE must not be longer than USER_SESSION_LIFETIME\./,
  ],
])("names the variable of %s that is wrong, and writes nothing", (_, env, text) => {
  const dataDir = join(folder, "untouched");
  expect(start({ DATA_DIR: dataDir, ...env })).toEqual({ status: 1, stdout: "", stderr: sentence(text) });
  expect(existsSync(dataDir)).toBe(false);
});

it("leaves its code compiled, also when it is killed", async () => {
  const compiled = join(folder, "compiled");
  const platform = await Platform.start({ env: { NODE_COMPILE_CACHE: compiled } });
  try {
    // A file for each module: the folder itself is there from the start.
    await eventually(() => readdirSync(compiled, { recursive: true }).length > 500);
  } finally {
    await platform.dispose();
  }
});
