/** The services of the deployment: what each has beyond every other. What all have alike is in topology.ts. */
import type { Contracts } from "#core/contract.ts";
import { type Container, variable } from "./container.ts";

/** What a service has beyond every other's: one node, a NATS user, and a database where it keeps something. */
export interface Placement extends Partial<Container> {
  /** Unless .env says otherwise. */
  readonly nodes?: number;
  /** The setting that holds its port; `PORT` unless given. */
  readonly listens?: string;
  /** How clients write its address, with its host and port in the place of `{}`; `http://{}` unless given. */
  readonly address?: string;
  /** By setting the program whose address it must know. */
  readonly asks?: Readonly<Record<string, "provider">>;
}

/** By service; one that is not named has nothing beyond. One with a port is a gateway. */
export const placements = {
  api: {
    build: { context: ".", dockerfile: "deploy/Dockerfile" },
    nodes: 2,
    port: 3000,
    environment: { TRUST_PROXY: "1" },
  },
  grpc: {
    about: "Only when asked for: docker compose --profile grpc up --detach",
    profiles: ["grpc"],
    port: 50_051,
    listens: "GRPC_PORT",
    address: "grpc://{}",
    ports: [{ host_ip: variable("ADDRESS"), published: variable("GRPC_PORT"), target: 50_051 }],
    networks: ["backend", "edge"],
  },
  mcp: {
    about: "Only when asked for: docker compose --profile mcp up --detach",
    profiles: ["mcp"],
    port: 3100,
    listens: "MCP_PORT",
    address: "http://{}/mcp",
    environment: { TRUST_PROXY: "1" },
  },
  edge: {
    about:
      "Only when asked for: docker compose --profile edge up --detach. It serves the films of the volume that the content service fills.",
    profiles: ["edge"],
    port: 4000,
    listens: "EDGE_PORT",
    address: "http://{}/t/",
    environment: { EDGE_URL: `http://${variable("ADDRESS")}:${variable("EDGE_PORT")}` },
    ports: [{ host_ip: variable("ADDRESS"), published: variable("EDGE_PORT"), target: 4000 }],
    networks: ["backend", "edge"],
    volumes: ["films:/data"],
  },
  user: { secrets: { TOKEN_PRIVATE_KEY: "token_private_key" } },
  product: {},
  order: { nodes: 3 },
  payment: {
    asks: { PAYMENT_SANDBOX_URL: "provider" },
    secrets: { PAYMENT_SANDBOX_KEY: "sandbox_key", PAYMENT_SANDBOX_SECRET: "sandbox_secret" },
  },
  notification: {
    about: "Messages become files unless SMTP_URL is set. Mail servers are outside, so it is in both networks.",
    volumes: ["messages:/data"],
    networks: ["backend", "edge"],
  },
} satisfies { readonly [S in keyof Contracts]?: Placement };
