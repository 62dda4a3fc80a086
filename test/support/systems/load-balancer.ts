/** The load balancer before the gateways of a cluster. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startHaproxy } from "../../../scripts/cluster/haproxy.ts";
import type { Server } from "../../../scripts/cluster/server.ts";
import type { Cluster } from "./cluster.ts";

const root = join(import.meta.dirname, "../../..");

/** HAProxy with the rules of deploy/. */
export async function startLoadBalancer({ dataDir, urls }: Cluster): Promise<Server> {
  const folder = join(dataDir, "haproxy");
  mkdirSync(folder);
  symlinkSync(join(root, "deploy/haproxy/edge.cfg"), join(folder, "edge.cfg"));
  const servers = urls.map((url, index) => `  server gateway${index} ${new URL(url).host}\n`);
  writeFileSync(join(folder, "gateways.cfg"), `backend gateways from to-gateways\n${servers.join("")}`);
  return startHaproxy({ folder, file: folder, env: (port) => ({ HAPROXY_BIND: `127.0.0.1:${port}` }) });
}
