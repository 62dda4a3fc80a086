/** Which processes of this machine stand for the containers of deploy/topology.ts, and with which environment. */
import type { Container } from "../../deploy/container.ts";
import { services as placed } from "../../deploy/topology.ts";

export interface NodePlan {
  /** `order-1` */
  readonly name: string;
  readonly services: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Port of a gateway. */
  readonly port?: number;
  /** Command that runs it, such as `ip netns exec …`. */
  readonly prefix?: readonly string[];
  /** Folder of the release that it runs at its next start; this one unless given. */
  readonly release?: () => string;
}

/** What the servers of this machine stand for. */
export interface Links {
  /** By secret of the topology. Others are in the data folder, which all processes share. */
  readonly secrets: Readonly<Record<string, string>>;
  /** By program of the topology its address. */
  readonly addresses: Readonly<Record<string, string>>;
}

export const isGateway = (service: string): boolean => placed[service]?.port !== undefined;

/** By gateway the ports of its nodes. */
export type GatewayPorts = Readonly<Record<string, readonly number[]>>;

/** True for a gateway of the HTTP API; others have an address of another form. */
export const isWeb = (gateway: string): boolean => isGateway(gateway) && placed[gateway]!.address === undefined;

/** Where clients of this machine reach a gateway. */
export const addressOf = (gateway: string, port: number): string =>
  (placed[gateway]!.address ?? "http://{}").replace("{}", `127.0.0.1:${port}`);

/** True when one of the services asks this program. */
export const isAsked = (program: string, services: readonly string[]): boolean =>
  services.some((service) => Object.values(placed[service]?.asks ?? {}).some((asked) => asked === program));

/** By setting what is known of it here. */
const known = (names: Readonly<Record<string, string>> = {}, values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([setting, name]) => (name in values ? [[setting, values[name]!] as const] : [])),
  );

/** What lets a process take part as this container does. */
export function memberEnv({ secrets }: Container, links: Links): Record<string, string> {
  const bus = links.secrets[secrets?.["TRANSPORTER"]?.replace("_transporter", "_bus") ?? ""];
  return { ...(bus ? { BUS_URL: bus } : { BUS: "nats" }), ...known(secrets, links.secrets) };
}

/** `order-1`, `order-2` … */
export const nodeNames = (services: readonly string[], count: number): string[] =>
  services.flatMap((service) => Array.from({ length: count }, (_, index) => `${service}-${index + 1}`));

/** One process for each service and number. */
export function nodePlans(services: readonly string[], count: number, ports: GatewayPorts, links: Links): NodePlan[] {
  return services.flatMap((service) =>
    Array.from({ length: count }, (_, index) => {
      const port = ports[service]?.[index];
      return {
        name: `${service}-${index + 1}`,
        services: [service],
        ...(port !== undefined && { port }),
        env: {
          ...memberEnv(placed[service]!, links),
          ...known(placed[service]!.asks, links.addresses),
          SERVICES: service,
          ...(port !== undefined && { [placed[service]!.listens ?? "PORT"]: `${port}` }),
        },
      };
    }),
  );
}
