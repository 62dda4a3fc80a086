/**
 * What the deployment of a service needs beyond what every service has: one node, its own NATS user, its own database where it
 * keeps something. A service that is not named here has just that. docker-compose.yml and deploy/.env.example follow from this
 * file and from the folders of the services: `npm run generate`.
 */
import type { Contracts } from "#core/contract.ts";

export interface Placement {
  /** Nodes, unless `.env` says otherwise; 1 unless given. */
  readonly nodes?: number;
  /** Settings beside those of every service. */
  readonly settings?: Readonly<Record<string, string>>;
  /** By setting the secret whose file holds its value. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Where it writes files that outlive its containers. */
  readonly volumes?: readonly string[];
  /** True for one that reaches servers outside the deployment. */
  readonly isOutbound?: boolean;
  /** Of several services with one image, the one that builds it. */
  readonly isBuilt?: boolean;
  /** What an operator should know, above the stanza's volumes. */
  readonly remark?: string;
}

export const placements: { readonly [S in keyof Contracts]?: Placement } = {
  api: { nodes: 2, isBuilt: true, settings: { TRUST_PROXY: '"1"' } },
  user: { secrets: { TOKEN_PRIVATE_KEY: "token_private_key" } },
  product: {},
  order: { nodes: 3 },
  payment: {
    settings: { PAYMENT_SANDBOX_URL: "http://provider:4010" },
    secrets: { PAYMENT_SANDBOX_KEY: "sandbox_key", PAYMENT_SANDBOX_SECRET: "sandbox_secret" },
  },
  notification: {
    remark: "Messages become files here unless SMTP_URL is set. Mail servers are outside, so it is in both networks.",
    volumes: ["messages:/data"],
    isOutbound: true,
  },
};

/** Secrets of every node of a service. */
export const nodeSecrets = ["nats_system_url", "redis_url", "service_key", "token_public_key"] as const;

/** Secrets of the servers, and of what is no service; deploy/secrets.mjs makes them. */
export const serverSecrets = [
  "guest_transporter",
  "nats_passwords",
  "node_transporter",
  "postgres_password",
  "redis_password",
  "streams_transporter",
] as const;
