/** One side of the comparison as a process: `node bench/patterns/node.ts shop`, `depot`, or both in one. It does what its parent says. */
import { connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { ServiceBroker } from "moleculer";
import config from "../../moleculer.config.ts";
import { depot } from "./contracts.ts";
import { depotService, heldBy } from "./depot.ts";
import { Effects, passSteadily, speedOf, streamTime } from "./measure.ts";
import { shopService, type Way, wayOf } from "./shop.ts";

const sides = new Set(process.argv.slice(2));
const isShop = sides.has("shop");
const isDepot = sides.has("depot");
const effects = new Effects();

/** The depot tells the shop what is held, so that patterns without an answer can be timed. */
function teller(): (orderId: string) => void {
  if (isShop) return (orderId) => effects.told(orderId);
  let socket: Socket | undefined;
  return (orderId) => {
    // The shop starts after the depot.
    if (socket === undefined || socket.destroyed)
      socket = connect(Number(process.env["EFFECTS_PORT"]), "127.0.0.1").on("error", () => {});
    const open = socket;
    // In one packet for all of a turn, since the telling is no part of what is measured.
    if (open.writableCorked === 0) {
      open.cork();
      setImmediate(() => open.uncork());
    }
    open.write(`${orderId}\n`);
  };
}

if (isShop && !isDepot)
  createServer((socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (orderId) => effects.told(orderId));
  }).listen(Number(process.env["EFFECTS_PORT"]), "127.0.0.1");

const broker = new ServiceBroker({ ...config, logger: false });
const asked = isDepot ? broker.createService(depotService(teller(), process.env["CHANNEL_URL"])) : undefined;
if (isShop) broker.createService(shopService());
if (isDepot && process.env["GRPC_PORT"]) {
  broker.createService((await import("../../services/api/api.service.ts")).default);
  broker.createService((await import("../../services/grpc/grpc.service.ts")).grpcService(async () => [depot]));
}
await broker.start();
if (isShop) await broker.waitForServices(process.env["TRANSPORTER"] || isDepot ? ["v1.depot"] : []);

const ways = new Map<string, Way>();
function way(name: string): Way {
  const known = ways.get(name) ?? wayOf(broker, name);
  ways.set(name, known);
  return known;
}

const commands = {
  speed: (load: Parameters<typeof speedOf>[2]) => speedOf(way(load.name), effects, load),
  stream: ({ name }: { name: string }) => streamTime(way(name), effects, name),
  pass: ({ name, milliseconds }: { name: string; milliseconds: number }) => passSteadily(way(name), name, milliseconds),
  held: ({ name }: { name: string }) => heldBy(asked!, name),
};
export type Commands = typeof commands;

process.on("message", ({ id, command, argument }: { id: number; command: keyof Commands; argument: never }) => {
  Promise.resolve(commands[command](argument)).then(
    (result) => process.send!({ id, result }),
    (error: Error) => process.send!({ id, error: error.message }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send!({ id: 0 });
