/** A small HTTP server in every node with NODE_PORT, through which orchestrators and Prometheus watch the node. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { ServiceBroker } from "moleculer";
import { ConfigError, defineConfig, host, port } from "#core/config.ts";
import { Exposition, EXPOSITION_TYPE } from "../node/exposition.ts";
import { isReady } from "../node/ready.ts";
import { middleware } from "./middleware.ts";

export const config = defineConfig("probe", {
  NODE_PORT: port(
    "Port of /livez, /readyz and /metrics in every node, where the public port shows no metrics; 0 for none.",
    0,
  ),
  NODE_HOST: host("Address that NODE_PORT listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
});

function probeServer(broker: ServiceBroker, exposition: Exposition): Server {
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const send = (status: number, type: string, body: string) =>
      res.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    const json = (status: number, body: object) => send(status, "application/json", JSON.stringify(body));
    if (req.url === "/livez") return json(200, { status: "ok" });
    if (req.url === "/readyz")
      return isReady(broker) ? json(200, { status: "ready" }) : json(503, { status: "not ready" });
    if (req.url === "/metrics") return send(200, EXPOSITION_TYPE, await exposition.text());
    return json(404, { status: "not found" });
  };
  return createServer((req, res) => {
    answer(req, res).catch((error: Error) => {
      broker.logger.error(`${req.url} cannot be answered: ${error.message}`);
      res.destroy();
    });
  });
}

export const probe = middleware((broker) => {
  const { NODE_PORT, NODE_HOST } = config;
  if (NODE_PORT === 0) return { name: "Probe" };
  let server: Server | undefined;
  let exposition: Exposition | undefined;
  return {
    name: "Probe",
    // Started before the services, so that an orchestrator sees a node that is alive but not ready.
    starting: async () => {
      exposition = new Exposition(broker);
      server = probeServer(broker, exposition).listen(NODE_PORT, NODE_HOST);
      await once(server, "listening").catch(({ code }: NodeJS.ErrnoException) => {
        throw new ConfigError(`NODE_PORT ${NODE_PORT} on ${NODE_HOST} cannot be opened (${code}): set it to another.`);
      });
    },
    stopped: async () => {
      exposition?.stop();
      server?.close();
      server?.closeAllConnections();
    },
  };
});
