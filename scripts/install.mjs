/** Brings the packages that package-lock.json names: one process at a time, and nothing is left half done. Needs only Node 20. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

/** What npm stumbles over where another was ended in the middle. */
const LEFT_OVER = /ENOTEMPTY|EEXIST|ENOENT|EBUSY|ETXTBSY|EPERM|EINTEGRITY|ENOTDIR/;
/** Milliseconds that npm is given to end. */
const PATIENCE = 5000;

function packagesOf(path) {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : {};
  } catch {
    // It was being written when its process was ended.
    return {};
  }
}

/** True if node_modules holds what the lock file says; npm keeps its own record of what it installed. */
function isInstalled(root) {
  const installed = packagesOf(join(root, "node_modules/.package-lock.json"));
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(
    ([path, { version, optional }]) =>
      path === "" || (path in installed ? installed[path].version === version : optional === true),
  );
}

/**
 * A socket that one process of this machine can listen on: the system takes it back when the process has ended in any
 * way, npm included, which inherits it. Only Linux has such without a file.
 */
function addressOf(root) {
  const name = `madang-install-${createHash("sha256").update(root).digest("hex").slice(0, 24)}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), `${name}.sock`);
}

/** @returns the socket, or null after another process that had it has ended */
async function takeTurn(address) {
  const server = createServer((socket) => socket.resume());
  server.listen(address);
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    if (error.code !== "EADDRINUSE") throw error;
  }
  const other = connect(address);
  try {
    await once(other, "connect");
    console.error("Another command installs the packages: waiting for it …");
    other.resume();
    await once(other, "close");
  } catch {
    // It ended just now; a socket that is a file stays behind.
    if (!address.startsWith("\0")) rmSync(address, { force: true });
  }
  return null;
}

/** npm in a process group of its own, so that all of it ends together. */
async function npmCi(root, turn) {
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const script = process.env.npm_execpath; // npm's own, set when npm started this process
  const [file, ...words] = script?.endsWith("npm-cli.js") ? [process.execPath, script, ...args] : ["npm", ...args];
  // oxlint-disable-next-line no-underscore-dangle -- Node hands no listening socket on in another way
  const { fd } = turn._handle;
  const child = spawn(file, words, { cwd: root, detached: true, stdio: ["ignore", "ignore", "pipe", fd] });
  let told = "";
  child.stderr.on("data", (chunk) => (told += chunk));
  const kill = (signal) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // All of it has ended.
    }
  };
  let isStopped = false;
  const end = (signal) => {
    if (isStopped) return;
    isStopped = true;
    const leave = () => {
      kill("SIGKILL");
      console.error("\nStopped: the next command installs the packages anew.");
      process.exit(128 + constants.signals[signal]);
    };
    child.once("close", leave);
    setTimeout(leave, PATIENCE);
    kill("SIGTERM");
  };
  process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
  try {
    const [code] = await once(child, "close");
    // What follows is the end of this process.
    if (isStopped) await new Promise(() => {});
    return { done: code === 0, told };
  } catch (error) {
    return { done: false, told: error.message };
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end).off("SIGHUP", end);
  }
}

async function install(root, turn) {
  const started = Date.now();
  process.stderr.write("Installing the packages of package-lock.json (about half a minute, once) … ");
  let { done, told } = await npmCi(root, turn);
  if (!done && LEFT_OVER.test(told)) {
    process.stderr.write("once more, from the beginning … ");
    rmSync(join(root, "node_modules"), { recursive: true, force: true, maxRetries: 10 });
    ({ done, told } = await npmCi(root, turn));
  }
  if (!done) {
    console.error(`\n${told.trim()}\nThe packages could not be installed: npm says why above.`);
    process.exit(1);
  }
  process.stderr.write(`done in ${Math.round((Date.now() - started) / 1000)} s\n`);
}

/** Resolves when the packages are there. */
export async function requirePackages(root) {
  while (!isInstalled(root)) {
    const turn = await takeTurn(addressOf(root));
    // The process that held the lock before may have installed them.
    if (turn && !isInstalled(root)) await install(root, turn);
    turn?.close();
    if (turn) return;
  }
}
