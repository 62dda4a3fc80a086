/** A stub of a gateway: ready, slow by a few milliseconds, able to die or to leave at a request. */
import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [port, log, name, behaviour, host = "127.0.0.1"] = process.argv.slice(2) as [string, string, string, ...string[]];

let asked = 0;
/** Whoever heard four times that it is not ready sends nothing more. */
let refusals = 4;
const leftOut = Promise.withResolvers<void>();

/** Every attempt that arrives is written down before anything else happens. */
function note({ method, headers }: IncomingMessage): void {
  appendFileSync(log, `${method} ${String(headers["x-attempt"])}\n`);
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader("x-gateway", name);
  const isLeaving = behaviour === "leaves" && asked > 1;
  if (req.url === "/readyz") {
    if (isLeaving && --refusals === 0) leftOut.resolve();
    return void res.writeHead(isLeaving ? 503 : 200).end();
  }
  note(req);
  asked += 1;
  if (behaviour === "leaves" && asked > 1) {
    await leftOut.promise;
    return void res.writeHead(503).end();
  }
  if (behaviour === "dies" && req.method === "POST") process.kill(process.pid, "SIGKILL");
  if (req.url === "/orders/1/events") {
    res.writeHead(200, { "content-type": "text/event-stream" });
    setInterval(() => res.write(": heartbeat\n\n"), 8000);
    return void res.write("data: open\n\n");
  }
  for await (const chunk of req) void chunk;
  await sleep(10);
  res.writeHead(req.method === "POST" ? 201 : 200, { "content-type": "application/json" });
  res.end(JSON.stringify({ forwardedFor: req.headers["x-forwarded-for"] }));
}

createServer((req, res) => void answer(req, res)).listen(Number(port), host);
