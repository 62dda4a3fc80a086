/** Tells that the port of a gateway is taken before anything of it has started. */
import { once } from "node:events";
import { createServer } from "node:net";
import { ConfigError } from "#core/config.ts";

/**
 * @param settings the names of those that set the port and the host
 * @throws ConfigError when nothing can listen there
 */
export async function checkPort(
  port: number,
  host: string,
  settings: readonly [port: string, host: string],
): Promise<void> {
  const probe = createServer().listen(port, host);
  try {
    await once(probe, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is taken" : `cannot be opened (${code})`;
    throw new ConfigError(`The port ${port} on ${host} ${why}: set ${settings.join(" or ")} to another.`);
  } finally {
    probe.close();
  }
}
