/** Tells in `/health` and `/readyz` when a node has lost NATS: Moleculer goes on as if nothing had happened. */
import type { Middleware, ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { outlastRefusals, sendOnceATurn } from "#core/nats.ts";
import { dependenciesOf, type Dependency, reportDependency } from "#core/dependencies.ts";
import { topology } from "#core/topology.ts";

const ok: Dependency = { name: "transporter", status: "ok" };
const away: Dependency = { name: "transporter", status: "away", detail: "other nodes cannot be reached" };

/** False while this node cannot reach the others. */
export const isLinked = (broker: ServiceBroker): boolean =>
  (broker.transit?.connected ?? true) &&
  dependenciesOf(broker).every(({ name, status }) => name !== ok.name || status === "ok");

const REFUSED = "AUTHORIZATION_VIOLATION";

export const link = (broker: ServiceBroker): Middleware => ({
  name: "Link",
  created: () => {
    broker.localBus.on("$transporter.error", ({ error }: { error?: { code?: string } }) => {
      if (error?.code === REFUSED)
        broker.logger.error(
          "NATS refuses the user and password of TRANSPORTER: this node is let in once they are right.",
        );
    });
  },
  started: async () => {
    if (broker.transit && !topology.isGuarded)
      broker.logger.warn(
        "This cluster is open: whoever reaches TRANSPORTER may act as any service. With a NATS user for each service " +
          "(deploy/nats.conf) nobody can.",
      );
    const { client } = (broker.transit as unknown as { tx?: { client?: Partial<NatsConnection> } } | null)?.tx ?? {};
    // Other transporters tell Moleculer themselves.
    if (client?.status) void watch(broker, client as NatsConnection);
  },
});

async function watch(broker: ServiceBroker, client: NatsConnection): Promise<void> {
  outlastRefusals(client);
  sendOnceATurn(client);
  reportDependency(broker, ok);
  for await (const event of client.status()) {
    const type: string = event.type;
    if (type === "disconnect") reportDependency(broker, away);
    if (type === "reconnect") reportDependency(broker, ok);
  }
}
