/** The topology of a deployment as data: which processes run what, and with which environment. */

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

/** How nodes reach the servers. */
export interface Links {
  /** NATS as a node of this role. */
  readonly nats: (role: string) => string;
  readonly system: string;
  readonly redis: string;
  readonly provider: string | undefined;
}

/** What lets any process take part, and no service yet. */
export const memberEnv = (links: Links, role: string): Record<string, string> => ({
  TRANSPORTER: links.nats(role),
  BUS: "nats",
  NATS_SYSTEM_URL: links.system,
  REDIS_URL: links.redis,
});

/** One process for each service and number. */
export function nodePlans(
  services: readonly string[],
  count: number,
  ports: readonly number[],
  links: Links & { /** URL of each service's database. */ readonly databases: ReadonlyMap<string, string> },
): NodePlan[] {
  return services.flatMap((service) =>
    Array.from({ length: count }, (_, index) => {
      const database = links.databases.get(service);
      const port = service === "api" ? ports[index] : undefined;
      return {
        name: `${service}-${index + 1}`,
        services: [service],
        ...(port !== undefined && { port }),
        env: {
          ...memberEnv(links, service),
          SERVICES: service,
          ...(database !== undefined && { DATABASE_URL: database }),
          ...(port !== undefined && { PORT: `${port}` }),
          ...(links.provider !== undefined && { PAYMENT_SANDBOX_URL: links.provider }),
        },
      };
    }),
  );
}
