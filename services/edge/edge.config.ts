/** The settings of an edge. Without a port of its own it answers at the HTTP gateway of its process. */
import { ConfigError, count, defineConfig, host, optional, port, setting, url } from "#core/config.ts";
import { topology } from "#mixins/node/topology.ts";

const regionName = setting("a country as two capital letters, such as KR", (value) =>
  /^[A-Z]{2}$/.test(value) ? value : undefined,
);
const MEGABYTES = { least: 1, most: 1_000_000 };

export const config = defineConfig("edge", {
  EDGE_PORT: optional(
    port("Port of an edge, such as 4000; 0 for any free one. Without it, films are served at the HTTP gateway."),
  ),
  EDGE_HOST: host("Address an edge listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  EDGE_URL: optional(
    url(
      ["http", "https"],
      "How players reach this edge, e.g. https://edge-1.example.com. The default is its own address.",
    ),
  ),
  EDGE_REGION: optional(regionName("Country whose viewers this edge serves first.")),
  EDGE_WEIGHT: count("How much this edge can carry, compared with the others.", 100, { least: 1, most: 1000 }),
  EDGE_MEMORY: count("Megabytes of files that an edge keeps in memory.", 64, MEGABYTES),
  EDGE_DISK: count("Megabytes of files that an edge keeps on disk when the storage is far away.", 10_000, MEGABYTES),
});

/** @throws ConfigError when the node should run what nobody could reach */
export function check(): void {
  if (config.EDGE_PORT === null && topology.services.includes("edge") && !topology.services.includes("api"))
    throw new ConfigError("SERVICES names edge without api, so EDGE_PORT must be set.");
  if (config.EDGE_URL?.endsWith("/")) throw new ConfigError("EDGE_URL must not end in a slash.");
}

/** @returns the address for clients; nothing where it answers at the gateway. @throws ConfigError when the port is taken */
export async function openAddress(): Promise<string | undefined> {
  const { EDGE_PORT: number, EDGE_HOST: address } = config;
  if (number === null || number === 0) return undefined;
  const { checkPort } = await import("#mixins/gateway/port.ts");
  await checkPort(number, address, ["EDGE_PORT", "EDGE_HOST"]);
  return `http://${address}:${number}/t/`;
}
