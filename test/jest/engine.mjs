/** Without a container engine nothing of a deployment can be tried, and nothing of it passes. */
import { spawnSync } from "node:child_process";

export default function requireEngine() {
  const { status, stdout } = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  const compose = spawnSync("docker", ["compose", "version"], { encoding: "utf8" });
  if (status !== 0 || Number.parseInt(stdout, 10) < 25 || compose.status !== 0)
    throw new Error(
      "Nothing was tried: `npm run test:compose` needs a Docker Engine 25 or newer and Compose v2 that answer here.",
    );
}
