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

/** Where players find the edge. */
const edgeUrl = `http://${variable("ADDRESS")}:${variable("EDGE_PORT")}`;
/** Where films are kept on one machine. */
const films = "file:///films";
/** Where pictures of products are. */
const pictures = "file:///pictures";

/** By service; one that is not named has nothing beyond. One with a port is a gateway. */
export const placements = {
  api: {
    build: { context: ".", dockerfile: "deploy/Dockerfile" },
    nodes: 2,
    port: 3000,
    // The player page takes films from the edge.
    environment: { TRUST_PROXY: "1", WATCH_ORIGINS: edgeUrl },
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
    about: "Serves the films of the volume that the content service fills.",
    port: 4000,
    listens: "EDGE_PORT",
    address: "http://{}/t/",
    ports: [{ host_ip: variable("ADDRESS"), published: variable("EDGE_PORT"), target: 4000 }],
    networks: ["backend", "edge"],
    // It only reads what the content service writes.
    environment: {
      EDGE_URL: edgeUrl,
      STORAGE_URL: films,
    },
    volumes: ["films:/films:ro"],
  },
  content: {
    about:
      "Encodes films, with an image that has ffmpeg. Films are in a volume that edges read; other machines need STORAGE_URL=s3://….",
    image: `madang-content:${variable("MADANG_VERSION")}`,
    build: { context: ".", dockerfile: "deploy/Dockerfile", target: "encoder" },
    // Uploads come here through the load balancer.
    port: 4100,
    listens: "CONTENT_PORT",
    address: "http://{}/uploads/",
    environment: { TRUST_PROXY: "1", STORAGE_URL: films, CONTENT_ENCODERS: "1", CONTENT_ENCODER_MEMORY: "2048" },
    volumes: ["encoding:/data", "films:/films"],
    limits: { cpus: "2.0", memory: "3g", pids: 256 },
  },
  user: {
    // Televisions show where their code is typed, and e-mails have links.
    environment: {
      USER_DEVICE_PAGE: `http://${variable("ADDRESS")}:${variable("PORT")}/device`,
      USER_ACCOUNT_PAGE: `http://${variable("ADDRESS")}:${variable("PORT")}/account`,
    },
    secrets: { TOKEN_PRIVATE_KEY: "token_private_key", USER_SECRETS_KEY: "user_secrets_key" },
  },
  product: {
    about: "Keeps pictures in a volume; several nodes on several machines need STORAGE_URL=s3://….",
    environment: { STORAGE_URL: pictures },
    volumes: ["pictures:/pictures"],
    // A picture of many pixels is read beside everything else.
    limits: { cpus: "1.0", memory: "640m", pids: 128 },
  },
  order: { nodes: 3 },
  payment: {
    asks: { PAYMENT_SANDBOX_URL: "provider" },
    secrets: { PAYMENT_SANDBOX_KEY: "sandbox_key", PAYMENT_SANDBOX_SECRET: "sandbox_secret" },
  },
  notification: {
    about: "Messages become files unless SMTP_URL is set. Mail servers are outside, so it is in both networks.",
    volumes: ["messages:/data"],
    secrets: { NOTIFICATION_KEY: "notification_key" },
    networks: ["backend", "edge"],
  },
  webhook: {
    about: "Receivers of webhooks are outside, so it is in both networks.",
    networks: ["backend", "edge"],
  },
} satisfies { readonly [S in keyof Contracts]?: Placement };
