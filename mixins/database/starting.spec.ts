/** @databases postgres: a file needs no connection */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ServiceSchema } from "moleculer";
import { sharedError } from "#core/errors.ts";
import { serverUrl } from "../../test/support/systems/storage.ts";
import { whileStarting } from "./starting.ts";

const SERVICES = ["user", "product", "order", "payment", "notification"];

/** How often each database was asked for so far, and which of its connections is cut. */
const connections = new Map<string, number>();
let cut = 0;

/** A way to the server on which one connection to each database is lost; the first packet names the database. */
const gate = createServer((client) => {
  client.on("error", () => {});
  client.once("data", (packet) => {
    const database = /database\0([^\0]+)/.exec(packet.toString("latin1"))?.[1] ?? "";
    const number = (connections.get(database) ?? 0) + 1;
    connections.set(database, number);
    if (number === cut) client.resetAndDestroy();
    else pass(client, packet);
  });
});

function pass(client: Socket, packet: Buffer): void {
  const server = connect(Number(new URL(serverUrl()).port), "127.0.0.1");
  server.on("error", () => {});
  server.write(packet);
  client.pipe(server).pipe(client);
}

gate.listen(0, "127.0.0.1");
await once(gate, "listening");
process.env.DATABASE_URL = process.env.DATABASE_URL!.replace(/:\d+\//, `:${(gate.address() as AddressInfo).port}/`);
// Settings are read when this is imported.
const { startBroker } = await import("../../test/support/systems/broker.ts");
afterAll(() => void gate.close());

describe("a node that starts", () => {
  // The second makes the tables: once it has been lost, there are none yet.
  it.each([2, 1, 3, 4])("asks again when connection %i to each of its databases is lost", async (number) => {
    connections.clear();
    cut = number;
    const modules = SERVICES.map(
      (name) => import(`../../services/${name}/${name}.service.ts`) as Promise<{ default: ServiceSchema }>,
    );
    const broker = await startBroker((await Promise.all(modules)).map((module) => module.default));
    expect(SERVICES.filter((name) => !broker.getLocalService({ name, version: 1 }))).toEqual([]);
    await broker.stop();
    expect([...connections.keys()].map((name) => name.split("_")[1])).toEqual(expect.arrayContaining(SERVICES));
  });
});

describe("whileStarting", () => {
  it("passes on at once what is wrong with the question", async () => {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw new Error("no such table");
    };
    await expect(whileStarting(ask)).rejects.toThrow("no such table");
    expect(asked).toBe(1);
  });

  it("gives up on storage that stays away", async () => {
    const ask = () => Promise.reject(sharedError("STORAGE_UNAVAILABLE", { reason: "gone" }));
    await expect(whileStarting(ask, 100)).rejects.toMatchObject({ type: "STORAGE_UNAVAILABLE" });
  });
});
