/** Segments of a film from an edge, which checks a token for each, beside NGINX over the same files. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { deriveKey, mint } from "#mixins/delivery/path-token.ts";
import { findBinary } from "../scripts/cluster/binaries.ts";
import { baseline, cpuTime, type Server } from "./support/process.ts";
import { freePort } from "../test/support/systems/platform.ts";
import type { Benchmark, Row } from "./support/table.ts";

const SECONDS = 5;
const CONNECTIONS = 16;
/** Four seconds of 360 lines, as in the films of the specs. */
const SIZE = 330_000;
const SEGMENTS = 40;
const folder = "v/019a0000-0000-7000-8000-000000000001/r1";
const SERVICE_KEY = "the key of a benchmark, which signs nothing else";

interface Measured {
  readonly perSecond: number;
  /** Microseconds of the server's processor time for a segment. */
  readonly cost: number;
}

/** Takes one segment after another on each connection. Bytes are counted and not looked at, which costs less than any server. */
async function take({ port, pid }: Server, path: (file: string) => string): Promise<Measured> {
  let answers = 0;
  const before = cpuTime(pid);
  const end = performance.now() + SECONDS * 1000;
  const workers = Array.from({ length: CONNECTIONS }, (_, connection) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let next = connection;
    let left = 0;
    const ask = () => {
      next += 1;
      if (performance.now() >= end) socket.destroy();
      else socket.write(`GET ${path(`360p/seg-${next % SEGMENTS}.m4s`)} HTTP/1.1\r\nHost: edge\r\n\r\n`);
    };
    socket.on("data", (chunk: Buffer) => {
      if (left === 0) {
        const head = chunk.indexOf("\r\n\r\n");
        if (chunk.toString("latin1", 9, 12) !== "200") throw new Error(chunk.toString("latin1", 0, head));
        left = SIZE + head + 4;
      }
      left -= chunk.length;
      if (left > 0) return;
      answers += 1;
      ask();
    });
    socket.once("connect", ask);
    return once(socket, "close");
  });
  await Promise.all(workers);
  return { perSecond: answers / SECONDS, cost: ((cpuTime(pid) - before) * 1000) / answers };
}

async function nginx(root: string): Promise<Server> {
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${root}/tmp;`,
  );
  const server = `server { listen 127.0.0.1:${port}; root ${root}/storage; }`;
  const http = `access_log off; sendfile on; tcp_nopush on; open_file_cache max=1000; keepalive_requests 1000000; ${temporary.join(" ")}`;
  const file = join(root, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${root}/pid; error_log stderr; user root;\nevents {}\nhttp { ${http} ${server} }\n`,
  );
  const child = spawn(findBinary("nginx"), ["-c", file, "-p", root], { stdio: ["ignore", "ignore", "ignore"] });
  for (;;) {
    const socket = connect({ port, host: "127.0.0.1" });
    const isOpen = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) break;
  }
  return { port, pid: child.pid!, end: async () => void (child.kill(), await once(child, "exit")) };
}

export const benchmark: Benchmark = {
  title: `Segments of ${SIZE / 1000} kB, ${CONNECTIONS} connections`,
  async run(): Promise<Row[]> {
    const root = mkdtempSync(join(tmpdir(), "madang-segments-"));
    const files = join(root, "storage", folder, "360p");
    mkdirSync(files, { recursive: true });
    for (let segment = 0; segment < SEGMENTS; segment += 1)
      writeFileSync(join(files, `seg-${segment}.m4s`), randomBytes(SIZE));
    Object.assign(process.env, { DATA_DIR: root, SERVICE_KEY });
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const token = mint(deriveKey(Buffer.from(SERVICE_KEY)), { session: newId(), folder, height: 360, expires });
    const measure = async (server: Server, path: (file: string) => string) => {
      await take(server, path);
      const measured = await take(server, path);
      await server.end();
      return measured;
    };
    const bare = await measure(await nginx(root), (file) => `/${folder}/${file}`);
    const ours = await measure(await baseline("edge.ts"), (file) => `/t/${token}/${folder}/${file}`);
    rmSync(root, { recursive: true, force: true });
    const row = (what: string, { perSecond, cost }: Measured) => ({
      what,
      value: `${Math.round(perSecond)}/s, ${Math.round(cost)} µs of processor time each`,
    });
    return [
      row("NGINX, one process, without tokens", bare),
      { ...row("an edge, with its checks", ours), ratio: ours.perSecond / bare.perSecond, target: "≥ 0.7" },
    ];
  },
};
