/** Moleculer's settings for reaching other nodes: transporter, discoverer and balancing strategy. */
import { type BrokerOptions, Discoverers, Transporters } from "moleculer";
import { requireClient } from "./clients.ts";
import { DirectoryHeartbeats } from "./directory-heartbeats.ts";
import { SimultaneousHeartbeats } from "./heartbeats.ts";
import { natsOptions } from "./nats.ts";
import { GuardedNats } from "./nats.transporter.ts";
import { topology } from "./topology.ts";
import { transporters } from "./transporters.ts";

function transporter(url: string): unknown {
  const scheme = url.slice(0, url.indexOf(":"));
  requireClient("TRANSPORTER", scheme);
  if (scheme !== "nats") return transporters[scheme]!(url);
  if (!topology.isGuarded) return { type: "NATS", options: natsOptions(url) };
  Transporters.register("GuardedNATS", GuardedNats as never);
  return { type: "GuardedNATS", options: { ...natsOptions(url), sender: topology.sender } };
}

Discoverers.register("Simultaneous", SimultaneousHeartbeats as never);
Discoverers.register("Directory", DirectoryHeartbeats as never);

/** Moleculer measures in seconds. */
const seconds = (milliseconds: number): number => milliseconds / 1000;

/** Missed heartbeats after which a node counts as gone. One that is read in a directory comes up to two later. */
const MISSED = topology.discoverer === "local" ? 3 : 5;

/**
 * Milliseconds of silence after which a node counts as gone; null with TCP, whose gossip has no heartbeats, because
 * Moleculer judges that itself.
 */
export const silence: number | null = topology.transporter?.startsWith("tcp:") ? null : MISSED * topology.heartbeat;

/** @throws ConfigError when a client package is missing */
export function transport(): Pick<
  BrokerOptions,
  "nodeID" | "transporter" | "heartbeatInterval" | "heartbeatTimeout"
> & { registry: object } {
  const { nodeId, heartbeat, transporter: url, discoverer: kind, discovererUrl } = topology;
  return {
    nodeID: nodeId,
    ...(url ? { transporter: transporter(url) as never } : {}),
    registry: {
      // Milliseconds in which other nodes hear that this node stops. A single node has nobody to wait for.
      stopDelay: url ? 100 : 0,
      discoverer: {
        type: kind === "local" ? "Simultaneous" : "Directory",
        // After this process was frozen, Moleculer's own check would take it for the only node left.
        options: { disableHeartbeatChecks: silence !== null, kind, url: discovererUrl },
      },
    },
    heartbeatInterval: seconds(heartbeat),
    heartbeatTimeout: seconds(6 * heartbeat),
  };
}
