/** How commands find the local cluster that runs beside them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./alive.ts";

/** Takes what `npm run cluster` left in the data folder into the environment, as long as that cluster runs. */
export function joinLocalCluster(): void {
  const folder = process.env.DATA_DIR || "data";
  const [list, environment] = [join(folder, "cluster.json"), join(folder, "cluster.env")];
  if (!existsSync(list) || !existsSync(environment)) return;
  const entries = JSON.parse(readFileSync(list, "utf8")) as { name: string; pid: number }[];
  if (entries.some(({ name, pid }) => name === "postgres" && isAlive(pid))) process.loadEnvFile(environment);
}
