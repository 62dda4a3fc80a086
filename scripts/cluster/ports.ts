/** Free ports for servers and nodes that run on this machine beside each other. */
import { once } from "node:events";
import { createServer } from "node:net";

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

/** Where each process begins to look: two that start servers at once seldom meet. */
const SHARE = 100;
let offset = process.pid * SHARE;

/** A port of 127.0.0.1 that nobody listens on; another one each time, since who asked for it may not listen yet. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + (offset++ % (last - first));
    if (await isFree(port)) return port;
  }
}
