/** An edge as it is, over the folder in DATA_DIR, with a playback service that knows no ended session. */
import type { ServiceSchema } from "moleculer";
import { startBroker } from "../../test/support/systems/broker.ts";

process.env.EDGE_PORT = process.env.PORT!;
const playback: ServiceSchema = {
  name: "playback",
  version: 1,
  actions: {
    lookup: { auth: "service", handler: () => ({ ended: [] }) } as never,
    saveEdge: { auth: "service", handler: () => null } as never,
  },
};
const { default: edge } = await import("../../services/edge/edge.service.ts");
await startBroker([playback, edge]);
