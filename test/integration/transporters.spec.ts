/** The other ways in which nodes may reach and find each other, as far as their servers are here. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Nats, type Server, startNats, startRedis } from "../../scripts/cluster/servers.ts";
import { NodeProcess } from "../support/systems/nodes.ts";

describe("nodes reach each other", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-transporters-"));
  let nats: Nats;
  let redis: Server;

  beforeAll(async () => {
    nats = await startNats({ folder: join(folder, "nats") });
    redis = await startRedis({ folder: join(folder, "redis") });
  });
  afterAll(async () => {
    await nats.stop();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ways: [way: string, settings: () => Record<string, string>][] = [
    ["over Redis", () => ({ TRANSPORTER: redis.url })],
    ["over TCP, without a server", () => ({ TRANSPORTER: "tcp://" })],
    [
      "over NATS, found by Redis",
      () => ({ TRANSPORTER: nats.url, DISCOVERER: "redis", DISCOVERER_URL: redis.url, BUS: "local" }),
    ],
  ];

  it.each(ways)("%s", async (_, settings) => {
    const start = (id: string, service: string) =>
      NodeProcess.start({ id, services: [`test/support/systems/${service}.ts`], env: settings() });
    const echo = await start("echo.one", "echo-service");
    const dependent = await start("dependent.one", "dependent-service");
    expect([await dependent.end(), await echo.end()]).toEqual([0, 0]);
  });
});
