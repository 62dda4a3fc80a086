/** Free ports for servers and nodes that run on this machine beside each other. */
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { isAlive } from "#mixins/node/alive.ts";

/** Below the ports that systems give to outgoing connections, so that no client takes the port of a server that is down. */
const [first, last] = [10_000, 32_000];

/** True if nobody listens there. */
export async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return false;
  }
  probe.close();
  await once(probe, "close");
  return true;
}

/** Each process begins to look elsewhere, so that it rarely meets what others took. */
const SHARE = 100;
let offset = process.pid * SHARE;

/** One file for each port that was given to somebody, with the process that asked for it. */
const claims = join(tmpdir(), `madang-ports-${userInfo().uid}`);

/** True if the port is this process's now; a process that has ended needs its ports no more. */
function claim(port: number): boolean {
  const file = join(claims, `${port}`);
  try {
    mkdirSync(claims, { recursive: true, mode: 0o700 });
    const owner = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (owner !== "" && !isAlive(Number(owner))) rmSync(file, { force: true });
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    // Where no claim can be stored, a port that is free has to do.
    return !["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

/**
 * A port of 127.0.0.1 on which nothing listens. No other call has answered it before, in any process, because the process that
 * got a port may not listen on it yet.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (offset++ % (last - first));
    if ((await isFree(port)) && claim(port)) return port;
  }
}
