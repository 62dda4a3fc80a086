/** GET /products/{id} with everything on, beside bare servers that answer the same body. */
import { Client } from "../test/support/actors/client.ts";
import { Platform } from "../test/support/systems/platform.ts";
import { load, type Result } from "./support/load.ts";
import { baseline } from "./support/process.ts";
import type { Benchmark, Row } from "./support/table.ts";

const SECONDS = 8;

const get = (port: number, path: string): Promise<Result> =>
  load({
    port,
    connections: 64,
    seconds: SECONDS,
    request: () => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n`,
  });

async function bare(file: string): Promise<number> {
  const server = await baseline(file);
  const path = "/api/v1/products/019aa000-0000-7000-8000-000000000001";
  await load({
    port: server.port,
    connections: 64,
    seconds: 2,
    request: () => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  });
  const { perSecond } = await get(server.port, path);
  await server.end();
  return perSecond;
}

async function ours(): Promise<Result> {
  const platform = await Platform.start({ env: { RATE_LIMIT: "off" } });
  await platform.accounts();
  const { body } = await new Client(platform.url).get<{ items: { id: string }[] }>("/products?limit=1");
  const port = Number(new URL(platform.url).port);
  const path = `/api/v1/products/${body.items[0]!.id}`;
  await load({ port, connections: 64, seconds: 2, request: () => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n` });
  const result = await get(port, path);
  await platform.dispose();
  return result;
}

const perSecond = (value: number): string => `${Math.round(value).toLocaleString("en")} req/s`;

export const benchmark: Benchmark = {
  title: "GET /products/{id}, 64 connections",
  async run(): Promise<Row[]> {
    const http = await bare("node-http.ts");
    const fastify = await bare("fastify.ts");
    const web = await bare("moleculer-web.ts");
    const madang = await ours();
    const own = madang.perSecond;
    return [
      { what: "bare node:http", value: perSecond(http), ratio: own / http },
      { what: "Fastify", value: perSecond(fastify), ratio: own / fastify },
      { what: "bare moleculer-web", value: perSecond(web), ratio: own / web, target: "≥ 0.90 ×" },
      { what: "Madang, everything on", value: perSecond(own) },
      { what: "its p50, p99", value: `${madang.p50.toFixed(2)} ms, ${madang.p99.toFixed(2)} ms` },
    ];
  },
};
