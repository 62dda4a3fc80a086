/** The settings of the gRPC gateway. Without a port there is none. */
import { createSecureContext } from "node:tls";
import { ConfigError, defineConfig, duration, host, optional, port, setting } from "#core/config.ts";
import { topology } from "#mixins/node/topology.ts";

/** Bytes of a chain of certificates, beyond which a file is another one. */
const LONGEST = 50_000;
const pem = (label: string) => {
  const begins = new RegExp(`^-----BEGIN ${label}-----`);
  return (isSecret: boolean) =>
    setting(`a text in PEM format that begins with its label`, (value) => (begins.test(value) ? value : undefined), {
      isSecret,
      hasLines: true,
      longest: LONGEST,
    });
};
const certificate = pem("CERTIFICATE")(false);
const privateKey = pem("(?:RSA |EC )?PRIVATE KEY")(true);

export const config = defineConfig("grpc", {
  GRPC_PORT: optional(
    port("Port of the gRPC gateway, such as 50051; 0 for any free one. Without it, there is no gRPC."),
  ),
  GRPC_HOST: host("Address the gRPC gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  GRPC_WEB_PORT: optional(
    port(
      "Port of gRPC-Web and Connect, such as 50052; 0 for any free one. It speaks HTTP/1.1 without TLS. Without it, there is neither.",
    ),
  ),
  GRPC_TLS_CERTIFICATE: optional(
    certificate("Certificate of the gRPC gateway and those between it and a root, in PEM format. Without it, no TLS."),
  ),
  GRPC_TLS_KEY: optional(privateKey("Private key of GRPC_TLS_CERTIFICATE, in PEM format.")),
  GRPC_TLS_CLIENT_CA: optional(
    certificate(
      "Certificates of those who sign clients' certificates. With it, only clients with such a one may connect.",
    ),
  ),
  GRPC_CONNECTION_AGE: duration(
    "Milliseconds after which a gRPC connection is asked to reconnect, so that new gateways get their share.",
    300_000,
    { least: 1000 },
  ),
});

/** False while no port is set: then nothing of gRPC is loaded. */
export const isOn = (): boolean => config.GRPC_PORT !== null;

/** @throws ConfigError when settings contradict each other */
export function check(): void {
  const { GRPC_TLS_CERTIFICATE: cert, GRPC_TLS_KEY: key, GRPC_TLS_CLIENT_CA: ca, GRPC_WEB_PORT: web } = config;
  if (!isOn() && topology.services.includes("grpc"))
    throw new ConfigError("SERVICES names grpc, so GRPC_PORT must be set.");
  if ((cert === null) !== (key === null))
    throw new ConfigError("GRPC_TLS_CERTIFICATE and GRPC_TLS_KEY must be set together.");
  if (ca !== null && cert === null)
    throw new ConfigError("GRPC_TLS_CLIENT_CA is set, so GRPC_TLS_CERTIFICATE and GRPC_TLS_KEY must be set too.");
  if (web !== null && !isOn()) throw new ConfigError("GRPC_WEB_PORT is set, so GRPC_PORT must be set too.");
  if (web !== null && ca !== null)
    throw new ConfigError(
      "GRPC_TLS_CLIENT_CA lets in those with a certificate only, and GRPC_WEB_PORT would let in everybody: set one of them.",
    );
  if (cert !== null && key !== null) checkPair(cert, key, ca);
}

function checkPair(cert: string, key: string, ca: string | null): void {
  try {
    createSecureContext({ cert, key, ...(ca !== null && { ca }) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `GRPC_TLS_CERTIFICATE, GRPC_TLS_KEY and GRPC_TLS_CLIENT_CA cannot be used together (${code}).`,
    );
  }
}

/** @returns the address for clients; nothing where gRPC is off. @throws ConfigError when the port is taken */
export async function openAddress(): Promise<string | undefined> {
  const { GRPC_PORT: number, GRPC_HOST: address, GRPC_TLS_KEY: key, GRPC_WEB_PORT: web } = config;
  if (number === null) return undefined;
  const { checkPort } = await import("#mixins/gateway/port.ts");
  if (web) await checkPort(web, address, ["GRPC_WEB_PORT", "GRPC_HOST"]);
  if (number === 0) return undefined;
  await checkPort(number, address, ["GRPC_PORT", "GRPC_HOST"]);
  return `${key === null ? "grpc" : "grpcs"}://${address}:${number}`;
}
