/** The settings of the HTTP gateway. */
import { ConfigError, defineConfig, host, origins, port } from "#core/config.ts";

export const config = defineConfig("api", {
  PORT: port("Port of the HTTP gateway.", 3000),
  HOST: host("Address the HTTP gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  WATCH_ORIGINS: origins(
    "Origins of edges from which the player page may take films, e.g. https://edge-1.example.com; its own needs no mention.",
    [],
  ),
});

/** @throws ConfigError when the gateway and the node's own server have the same port */
export async function check(): Promise<void> {
  const { config: probe } = await import("#mixins/middlewares/probe.middleware.ts");
  if (probe.NODE_PORT !== 0 && probe.NODE_PORT === config.PORT)
    throw new ConfigError("NODE_PORT must be another port than PORT.");
}

/** @returns the address for clients. @throws ConfigError when the port is taken */
export async function openAddress(): Promise<string> {
  const { HOST: host, PORT: port } = config;
  const { checkPort } = await import("#mixins/gateway/port.ts");
  await checkPort(port, host, ["PORT", "HOST"]);
  return `http://${host}:${port}`;
}
