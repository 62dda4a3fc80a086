/** What starts every command: it installs what is missing, one at a time, and ends with all that it started. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "#mixins/node/alive.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { root } from "../support/fixtures/source.ts";

jest.setTimeout(240_000);
const PATIENCE = 40_000;

/** Blanks in its path, as many home folders have. */
let folder: string;
/** A project with one package, whose installation is as slow as a test wants. */
let project: string;

const npm = (...args: string[]) => {
  const { status, stderr } = spawnSync("npm", [...args, "--offline", "--no-audit", "--no-fund"], {
    cwd: project,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
};

/** Says that it began, and goes on when there is a file `go`; run by npm inside the package. */
const INSTALL = `
  const fs = require("fs");
  const project = process.env.INIT_CWD;
  fs.appendFileSync(project + "/began", process.pid + "\\n");
  setInterval(() => fs.existsSync(project + "/go") && process.exit(0), 50);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "madang launcher "));
  project = join(folder, "a project");
  mkdirSync(join(project, "oxfmt/bin"), { recursive: true });
  for (const folder of ["scripts", "mixins/node"]) mkdirSync(join(project, folder), { recursive: true });
  const launcher = ["run", "install", "bundle", "dotenv"].map((name) => `scripts/${name}.mjs`);
  for (const file of [...launcher, "mixins/node/runtime.mjs", "mixins/node/bundles.mjs"])
    copyFileSync(join(root, file), join(project, file));
  const scripts = { install: "node install.cjs" };
  writeFileSync(join(project, "oxfmt/package.json"), JSON.stringify({ name: "oxfmt", version: "1.0.0", scripts }));
  writeFileSync(join(project, "oxfmt/install.cjs"), INSTALL);
  writeFileSync(join(project, "oxfmt/bin/oxfmt"), "console.log('formatted')");
  const manifest = { name: "project", version: "1.0.0", allowScripts: { oxfmt: true } };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  npm("pack", "./oxfmt");
  npm("install", "./oxfmt-1.0.0.tgz", "--package-lock-only");
});
beforeEach(() => {
  for (const left of ["began", "go", "node_modules"]) rmSync(join(project, left), { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Command {
  readonly child: ChildProcess;
  output = "";

  constructor(...task: string[]) {
    const env = { PATH: process.env.PATH!, HOME: folder, npm_config_offline: "true" };
    // From somewhere else, as `node <path>` or `npm --prefix <path>` do.
    this.child = spawn(process.execPath, [join(project, "scripts/run.mjs"), ...task], { cwd: "/", env });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    this.child.stdout!.on("data", keep);
    this.child.stderr!.on("data", keep);
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "close");
    return this.child.exitCode;
  }
}

const began = (): number[] => {
  const path = join(project, "began");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").map(Number) : [];
};
const go = () => writeFileSync(join(project, "go"), "");

it("installs once for two commands that start together", async () => {
  const first = new Command("format");
  await eventually(() => began().length === 1, PATIENCE);
  const second = new Command("format");
  await eventually(() => second.output.includes("Another command installs the packages: waiting"), PATIENCE);
  go();
  expect([await first.ended(), await second.ended()]).toEqual([0, 0]);
  expect([first.output, second.output].map((output) => output.includes("formatted"))).toEqual([true, true]);
  expect(began()).toHaveLength(1);
});

it.each(["SIGINT", "SIGTERM"] as const)(
  "ends the installation at %s, and the next command begins it anew",
  async (signal) => {
    const command = new Command("format");
    await eventually(() => began().length === 1, PATIENCE);
    command.child.kill(signal);
    expect(await command.ended()).toBe(signal === "SIGINT" ? 130 : 143);
    expect(command.output).toContain("Stopped: the next command installs the packages anew.");
    await eventually(() => !began().some(isAlive), PATIENCE);
    go();
    const next = new Command("format");
    expect([await next.ended(), next.output]).toEqual([0, expect.stringContaining("formatted")]);
  },
);

it("waits for an installation whose command was killed", async () => {
  const killed = new Command("format");
  await eventually(() => began().length === 1, PATIENCE);
  killed.child.kill("SIGKILL");
  const next = new Command("format");
  await eventually(() => next.output.includes("Another command installs the packages: waiting"), PATIENCE);
  go();
  expect([await next.ended(), next.output]).toEqual([0, expect.stringContaining("formatted")]);
});

it("repairs what another left half done", async () => {
  mkdirSync(join(project, "node_modules/.oxfmt-left/over"), { recursive: true });
  writeFileSync(join(project, "node_modules/.package-lock.json"), '{"packages":');
  go();
  const command = new Command("format");
  expect([await command.ended(), command.output]).toEqual([0, expect.stringContaining("formatted")]);
});

describe(".env", () => {
  /** What a process of the task sees of the names that a file and the environment set. */
  const seen = (task: string, env: Readonly<Record<string, string>>) => {
    const file = join(project, "mixins/node/seed.ts");
    const names = ["PORT", "MAIL_FROM", "LOG_LEVEL"];
    const print = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name] ?? null)))`;
    writeFileSync(file, print);
    writeFileSync(join(project, "node_modules/oxfmt/bin/oxfmt"), print);
    const { stdout, stderr } = spawnSync(process.execPath, [join(project, "scripts/run.mjs"), task], {
      cwd: folder,
      env: { PATH: process.env.PATH!, ...env },
      encoding: "utf8",
    });
    return { values: stdout.trim() === "" ? null : (JSON.parse(stdout) as unknown), stderr };
  };

  beforeEach(async () => {
    go();
    expect(await new Command("format").ended()).toBe(0);
    writeFileSync(join(project, ".env.example"), "#PORT=3000\n#MAIL_FROM=\n#LOG_LEVEL=info\n");
    writeFileSync(join(project, "docker-compose.yml"), "ports: ${ADDRESS:-127.0.0.1}\n");
    writeFileSync(join(project, ".env"), '# mine\nPORT=3100\nMAIL_FROM="Shop <shop@example.com>"\nADDRESS=0.0.0.0\n');
  });
  afterEach(() => rmSync(join(project, ".env"), { recursive: true }));

  it("sets what the environment does not, for what runs the platform, and nothing for tools", () => {
    const mine = ["3100", "Shop <shop@example.com>", "debug"];
    expect(seen("seed", { LOG_LEVEL: "debug" })).toEqual({ values: mine, stderr: "" });
    expect(seen("seed", { LOG_LEVEL: "debug", PORT: "1" }).values).toEqual(["1", ...mine.slice(1)]);
    const { stdout } = spawnSync(process.execPath, [join(project, "scripts/run.mjs"), "format"], { encoding: "utf8" });
    expect(stdout).not.toContain("3100");
  });

  it("names once what no setting is called", () => {
    appendFileSync(join(project, ".env"), "PROT=1\nPORT_FILE=/x\nexport LOG_LEVLE=2\nCOMPOSE_PROFILES=x\nPORT: 7\n");
    expect(seen("seed", {}).stderr).toBe(
      ".env has what no setting is called, and it is not read: PROT, LOG_LEVLE, PORT: 7 (see .env.example).\n",
    );
  });

  it.each([
    [
      "with a byte order mark",
      "begins with a byte order mark",
      () => writeFileSync(join(project, ".env"), "\ufeffPORT=1\n"),
    ],
    ["that is a folder", "cannot be read (EISDIR)", () => mkdirSync(join(project, ".env"))],
    ["that leads round in a circle", "cannot be read (ELOOP)", () => symlinkSync(".env", join(project, ".env"))],
  ])("%s ends what it would set in one sentence, and nothing else", async (_what, fault, make) => {
    rmSync(join(project, ".env"));
    make();
    const { values, stderr } = seen("seed", {});
    expect(values).toBeNull();
    expect(stderr).toMatch(/^\.env [^\n]+\.\n$/);
    expect(stderr).toContain(fault);
    expect(await new Command("format").ended()).toBe(0);
  });
});

describe("npm run dev", () => {
  let dataDir: string;
  let terminal: ChildProcess;
  let output = "";

  /** Types a line into the shell, and waits for what it shows. */
  const type = async (line: string, expected: RegExp): Promise<string> => {
    const start = output.length;
    terminal.stdin!.write(line);
    await eventually(() => expected.test(output.slice(start)), PATIENCE);
    return output.slice(start);
  };

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), "madang-dev-"));
    const settings = { DATA_DIR: dataDir, PORT: String(await freePort()), HOME: dataDir, LOG_LEVEL: "warn" };
    // A terminal of its own, wide enough for a table.
    const command = "stty cols 300 && exec node scripts/run.mjs dev";
    terminal = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: "", TERM: "xterm", NO_COLOR: "1", ...settings },
    });
    terminal.stdout!.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await eventually(() => output.includes("mol $"), PATIENCE);
  });
  afterAll(() => {
    terminal.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("has a shell that shows parameters and completes names without their version", async () => {
    await type("actions -f v1.order.create\r", /paymentMethod, shippingAddress, .*quoteId\?/);
    await type("call user.getProf", /getProf/);
    await type("\t", /ile/);
    await type("\u0015", /\$ /);
  });

  it("tells errors by their codes, without a stack", async () => {
    const told = [
      await type("call user.getProfile\r", /UNAUTHENTICATED \(401\): Sign in to continue/),
      await type("call order.nothing\r", /SERVICE_NOT_FOUND \(404\): /),
      await type("call order.create items\r", /SyntaxError: [^\n]+is not valid JSON/),
      await type("token a b\r", /The request is not valid: \[/),
    ];
    expect(told.join("")).not.toMatch(/^ +at /m);
  });

  it("says in help how to call as somebody, and it works", async () => {
    await type("help\r", /token <email> <password> .*call user\.getProfile --#accessToken <token>/);
    const [{ email, password }] = JSON.parse(readFileSync(join(dataDir, "demo-accounts.json"), "utf8")) as [
      { email: string; password: string },
    ];
    const shown = await type(`token ${email} ${password}\r`, /--#accessToken [\w-]+\.[\w-]+\.[\w-]+\s/);
    const [call] = /call user\.getProfile --#accessToken \S+/.exec(shown)!;
    await type(`${call}\r`, /name: .*김미나/);
  });

  it("ends with one Ctrl-C, and all that it started with it", async () => {
    terminal.stdin!.write("\u0003");
    const [code] = (await once(terminal, "exit")) as [number];
    expect(output).toContain("Stopping: finishing what is under way");
    expect(output).not.toContain("Waiting for file changes");
    expect([code, output]).toEqual([0, expect.not.stringContaining("Native stack trace")]);
  });
});
