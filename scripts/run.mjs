/** Starts every command of the project: brings what is missing, picks Node 24, runs the task. Needs only Node 20. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeBundles } from "./bundle.mjs";
import { readSettings } from "./dotenv.mjs";
import { requirePackages } from "./install.mjs";
import { environment, serve, services } from "../mixins/node/runtime.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quiet = "--disable-warning=ExperimentalWarning";
const jest = { command: ["node_modules/jest/bin/jest.js"], nodeOptions: "--experimental-vm-modules" };

/** For processes as many as there are processors, or more: threads that help to collect garbage would only take turns with them. */
const crowded = ["--single-threaded-gc", "--min-semi-space-size=16", "--max-semi-space-size=32"];

/** What each task hands to Node; arguments of the command line follow. */
const tasks = {
  start: { command: [...serve, services] },
  dev: { command: ["--watch", ...serve, "--repl", services] },
  test: { ...jest, command: [...crowded, "test/run.ts"] },
  "test:fault": { ...jest, command: [...jest.command, "--config", "jest.fault.config.js"] },
  "test:upgrade": { ...jest, command: [...jest.command, "--config", "jest.fault.config.js", "test/fault/upgrade"] },
  "test:compose": { ...jest, command: [...jest.command, "--config", "jest.compose.config.js"] },
  "test:clients": { ...jest, command: [...jest.command, "--config", "jest.clients.config.js"] },
  "test:buses": { ...jest, command: [...jest.command, "--config", "jest.buses.config.js"] },
  check: { command: ["scripts/check.ts"] },
  format: { command: ["node_modules/oxfmt/bin/oxfmt"] },
  generate: { command: ["scripts/generate.ts"] },
  bench: { command: ["bench/run.ts"] },
  "bench:cluster": { command: ["bench/cluster/run.ts"] },
  "bench:patterns": { command: ["bench/patterns/run.ts"] },
  cluster: { command: ["scripts/cluster/run.ts"] },
  seed: { command: ["mixins/node/seed.ts"] },
  goods: { command: ["scripts/goods/run.ts"] },
  import: { command: ["scripts/import/run.ts"] },
  streams: { command: ["mixins/bus/nats/streams.process.ts"] },
  "audit:verify": { command: ["mixins/audit/verify.process.ts"] },
  admin: { command: ["services/user/admin.process.ts"] },
  shell: { command: ["mixins/repl/shell.ts"] },
  "new:service": { command: ["scripts/new-service.ts"] },
};

/** What runs the platform is set by a file .env too; tests and tools must not depend on it. */
const configured = new Set([
  "start",
  "dev",
  "cluster",
  "seed",
  "goods",
  "import",
  "streams",
  "audit:verify",
  "admin",
  "shell",
]);

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** The Node that runs the task: this one if it is 24 or newer, else the one that came with the packages. */
function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const bundled = join(root, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
  if (existsSync(bundled)) return bundled;
  return fail(
    `Madang needs Node 24, this is ${process.version}, and no Node 24 comes as a package for ` +
      `${process.platform}-${process.arch}: please install it from https://nodejs.org and try again.`,
  );
}

/** Passes a signal on, once. Ctrl-C in a terminal reaches the task by itself, so there SIGINT is only waited out. */
function forwardSignals(child) {
  const forward = (signal) => {
    if (forward.done || (signal === "SIGINT" && process.stdin.isTTY)) return;
    forward.done = true;
    child.kill(signal);
  };
  process.on("SIGINT", forward).on("SIGTERM", forward);
}

/** npm waits for what it started: when it is gone it was killed, and nobody is left who could end the task. */
function endWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  setInterval(() => process.ppid === npm || child.kill("SIGTERM"), 500).unref();
}

const [name, ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name ?? "") ? tasks[name] : undefined;
if (!task) fail(`Usage: node scripts/run.mjs <task>, with one of the tasks ${Object.keys(tasks).join(", ")}.`);
await requirePackages(root);
await makeBundles();

function settingsOf(task) {
  try {
    return configured.has(task) ? readSettings(root) : [];
  } catch (error) {
    return fail(error.message);
  }
}

const node = findNode();
const child = spawn(node, [...settingsOf(name), ...task.command, ...args], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    ...environment,
    PATH: [dirname(node), join(root, "node_modules/.bin"), process.env.PATH].join(delimiter),
    NODE_OPTIONS: [process.env.NODE_OPTIONS, quiet, task.nodeOptions].filter(Boolean).join(" "),
  },
});
forwardSignals(child);
endWithNpm(child);
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
