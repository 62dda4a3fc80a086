/** How a node starts: what goes wrong is told in one sentence and by the exit code, what it compiled is left to the next. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { services, serve } from "../../scripts/runtime.mjs";
import { startNats } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/notebook.ts";
import { Platform } from "../support/platform.ts";
import { root } from "../support/source.ts";

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
      timeout: 20_000,
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
  await eventually(() => node.output.includes(`waits for 127.0.0.1:${nats.port}, which does not answer yet.`), 15_000);
  await nats.restart();
  await eventually(() => node.output.includes("is ready: runs user"), 15_000);
  expect(await node.end()).toBe(0);
  await node.dispose();
  await nats.stop();
});

it.each([
  ["PORT", "eighty", /PORT must be a port from 0 to 65535, not "eighty"\./],
  ["ORDER_PATIENCE", "5 minutes", /ORDER_PATIENCE must be a whole number of milliseconds, not "5 minutes"\./],
  ["PAYMENT_PROVIDER", "cash", /PAYMENT_PROVIDER must be one of sandbox, not "cash"\./],
  ["RATE_LIMIT", "maybe", /RATE_LIMIT must be on or off, not "maybe"\./],
  ["SERVICE_KEY", "short", /SERVICE_KEY must have at least 32 characters\./],
  ["SERVICES", "ordr,user", /SERVICES names ordr, but the services are api, notification, order, .+, user\./],
  ["TRANSPORTER", "nats.example:4222", /TRANSPORTER must be a URL that begins with nats:\/\/ or .+ or tcp:\/\/\./],
  ["TRANSPORTER", "kafka://kafka.example", /TRANSPORTER is kafka, which needs a package: .+npm install .+\./],
  ["BUS", "nats", /BUS is nats, so BUS_URL must be set to a NATS server, or TRANSPORTER to nats:\/\/…\./],
  ["DISCOVERER", "redis", /DISCOVERER is redis, so DISCOVERER_URL must be set\./],
  [
    "DATABASE_URL",
    "mysql://db/{service}",
    /DATABASE_URL must be a URL that begins with postgres:\/\/ or postgresql:\/\/\./,
  ],
  ["LOG_LEVEL", "loud", /LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, not "loud"\./],
  ["TOKEN_PRIVATE_KEY", "{}", /TOKEN_PRIVATE_KEY must be an Ed25519 key in JWK format\./],
])("names the variable when %s is %s", (name, value, text) => {
  expect(start({ [name]: value })).toEqual({ status: 1, stdout: "", stderr: sentence(text) });
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
