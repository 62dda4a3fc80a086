/** The settings of the MCP gateway. Without a port there is none. */
import { ConfigError, defineConfig, host, optional, origins, port } from "#core/config.ts";
import { topology } from "#mixins/node/topology.ts";

export const config = defineConfig("mcp", {
  MCP_PORT: optional(
    port("Port of the MCP gateway for agents, such as 3100; 0 for any free one. Without it, there is no MCP."),
  ),
  MCP_HOST: host("Address the MCP gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  MCP_ORIGINS: origins(
    "Origins whose pages may use MCP, e.g. https://agent.example.com. On a loopback address, pages of this machine may too.",
    [],
  ),
});

/** False while no port is set: then nothing of MCP is loaded. */
export const isOn = (): boolean => config.MCP_PORT !== null;

/** @throws ConfigError when the node should run what has no port */
export function check(): void {
  if (!isOn() && topology.services.includes("mcp"))
    throw new ConfigError("SERVICES names mcp, so MCP_PORT must be set.");
}

/** @returns the address for clients; nothing where MCP is off. @throws ConfigError when the port is taken */
export async function openAddress(): Promise<string | undefined> {
  const { MCP_PORT: number, MCP_HOST: address } = config;
  if (number === null || number === 0) return undefined;
  const { checkPort } = await import("#mixins/gateway/port.ts");
  await checkPort(number, address, ["MCP_PORT", "MCP_HOST"]);
  return `http://${address}:${number}/mcp`;
}
