/** Nodes that take uploads and edges, as a load balancer sees them, and what passes through it to them. */
import { once } from "node:events";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** More than a load balancer would keep. */
const LARGE = Buffer.alloc(4 * 2 ** 20, "x");

async function node(name: string, host: string, port: number, came: (bytes: number) => void): Promise<Server> {
  const server = createServer((req, res) => {
    let bytes = 0;
    req.on("data", (chunk: Buffer) => came((bytes += chunk.length)));
    req.on("end", () => res.setHeader("x-node", name).end(`${req.url} ${bytes}`));
  }).listen(port, host);
  await once(server, "listening");
  return server;
}

export class FileNodes {
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #progress: { bytes: number };

  private constructor(servers: readonly Server[], progress: { bytes: number }) {
    this.#servers = servers;
    this.#progress = progress;
    this.port = (servers[0]!.address() as AddressInfo).port;
  }

  /** One at each host, all on one port. */
  static async start(...hosts: readonly string[]): Promise<FileNodes> {
    const progress = { bytes: 0 };
    const came = (bytes: number) => void (progress.bytes = bytes);
    const servers = [await node(hosts[0]!, hosts[0]!, 0, came)];
    const { port } = servers[0]!.address() as AddressInfo;
    for (const host of hosts.slice(1)) servers.push(await node(host, host, port, came));
    return new FileNodes(servers, progress);
  }

  end(): void {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  /** Sends a large part of an upload, and the rest when the first half has come to a node; answers what that node says. */
  async upload(url: string): Promise<string> {
    const headers = { "content-length": LARGE.length, "content-type": "application/offset+octet-stream" };
    const sent = request(`${url}/uploads/1`, { method: "PATCH", headers });
    const answer = once(sent, "response");
    const half = LARGE.length / 2;
    sent.write(LARGE.subarray(0, half));
    // A load balancer that kept bodies would wait for the rest.
    while (this.#progress.bytes < half) await new Promise((resolve) => setTimeout(resolve, 10));
    sent.end(LARGE.subarray(half));
    const [response] = (await answer) as [AsyncIterable<Buffer>];
    return Buffer.concat(await Array.fromAsync(response)).toString();
  }

  /** The node and what it was asked for. */
  async get(url: string, path: string): Promise<[node: string | null, path: string]> {
    const answer = await fetch(url + path);
    return [answer.headers.get("x-node"), (await answer.text()).split(" ")[0]!];
  }

  /** The nodes that answer for each of some films, one after another: an edge that is busy gives films up to another one. */
  async edgesOf(url: string, token: string): Promise<(string | null)[]> {
    const nodes: (string | null)[] = [];
    for (let film = 0; film < 12; film += 1)
      nodes.push((await this.get(url, `/t/${token}/v/film-${film}/r/main.m3u8`))[0]);
    return nodes;
  }
}
