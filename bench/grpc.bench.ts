/** A unary call over gRPC beside gRPC-js alone, and the same read over HTTP: what each costs its server. */
import { Client } from "../test/support/actors/client.ts";
import { GrpcClient } from "../test/support/actors/grpc-client.ts";
import { freePort, Platform } from "../test/support/systems/platform.ts";
import { load } from "./support/load.ts";
import { baseline, cpuTime } from "./support/process.ts";
import type { Benchmark, Row } from "./support/table.ts";

const CALLS = 20_000;
const IN_FLIGHT = 64;
const SECONDS = 8;
const METHOD = "/madang.product.v1.ProductService/Get";

async function call(client: GrpcClient, id: string, count: number): Promise<void> {
  let left = count;
  const caller = async () => {
    while (left-- > 0) await client.call(METHOD, { id });
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
}

/** Microseconds of the server's processor for each of many calls, which the work of others hardly changes. */
async function costOf(pid: number, work: () => Promise<number>): Promise<number> {
  const before = cpuTime(pid);
  const count = await work();
  return ((cpuTime(pid) - before) * 1000) / count;
}

async function overGrpc(pid: number, port: number, id: string): Promise<number> {
  const client = new GrpcClient(`127.0.0.1:${port}`);
  // Until then V8 still compiles what is called often.
  await call(client, id, CALLS);
  const cost = await costOf(pid, async () => {
    await call(client, id, CALLS);
    return CALLS;
  });
  client.close();
  return cost;
}

async function overHttp(pid: number, port: number, id: string): Promise<number> {
  const request = () => `GET /api/v1/products/${id} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n`;
  const get = async (seconds: number) => (await load({ port, connections: IN_FLIGHT, seconds, request })).requests;
  await get(2);
  return costOf(pid, () => get(SECONDS));
}

const micro = (value: number): string => `${value.toFixed(0)} µs`;

export const benchmark: Benchmark = {
  title: "Processor time of the server for one read of a product, 64 in flight",
  async run(): Promise<Row[]> {
    const server = await baseline("grpc-js.ts");
    const bare = await overGrpc(server.pid, server.port, "019aa000-0000-7000-8000-000000000001");
    await server.end();
    const grpcPort = await freePort();
    const platform = await Platform.start({ env: { RATE_LIMIT: "off", GRPC_PORT: `${grpcPort}` } });
    await platform.accounts();
    const { body } = await new Client(platform.url).get<{ items: { id: string }[] }>("/products?limit=1");
    const { id } = body.items[0]!;
    const grpc = await overGrpc(platform.pid, grpcPort, id);
    const http = await overHttp(platform.pid, platform.port, id);
    await platform.dispose();
    return [
      { what: "bare gRPC-js", value: micro(bare), ratio: grpc / bare },
      { what: "Madang over HTTP", value: micro(http), ratio: grpc / http },
      { what: "Madang over gRPC", value: micro(grpc), target: "≤ 90 µs" },
    ];
  },
};
