/**
 * Handles the loss of the transporter, such as NATS, which Moleculer ignores. The node reports it in `/health` and `/readyz`, and
 * fails its open requests, because their answers may be lost. It sends no new request to another node until it has heard of that
 * node again, because messages without a receiver are dropped.
 */
import { Errors, type ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { outlastRefusals, sendOnceATurn } from "../node/nats.ts";
import { dependenciesOf, type Dependency, reportDependency } from "../node/dependencies.ts";
import { nodesOf } from "../node/nodes.ts";
import { topology } from "../node/topology.ts";
import { type Timed, timeLeft } from "./deadline.middleware.ts";
import { type Handler, middleware, type Receive } from "./middleware.ts";

interface Options {
  /** Milliseconds that a call waits for a node's first sign of life, for all attempts together. */
  readonly patience: number;
}

const ok: Dependency = { name: "transporter", status: "ok" };
const away: Dependency = { name: "transporter", status: "away", detail: "other nodes cannot be reached" };

/** False while this node cannot reach the others. */
export const isLinked = (broker: ServiceBroker): boolean =>
  (broker.transit?.connected ?? true) &&
  dependenciesOf(broker).every(({ name, status }) => name !== ok.name || status === "ok");

/** Milliseconds between two looks at a transporter that does not tell when it is lost. */
const LOOK = 250;

/** The event on this node's own bus when the transporter is back: messages to this node may have been lost. */
export const LINK_FOUND = "$link.found";

const REFUSED = "AUTHORIZATION_VIOLATION";

type Call = Timed & { locals: { patience?: number } };

interface Transporter {
  readonly connected: boolean;
  readonly client?: Partial<NatsConnection>;
}

class Link {
  readonly #broker: ServiceBroker;
  readonly #patience: number;
  #timer: NodeJS.Timeout | undefined;
  /** Nodes without a sign of life since the transporter was lost; each promise resolves with the first one. */
  #unheard = new Map<string, PromiseWithResolvers<void>>();

  constructor(broker: ServiceBroker, { patience }: Options) {
    this.#broker = broker;
    this.#patience = patience;
  }

  async watch(client: NatsConnection): Promise<void> {
    outlastRefusals(client);
    sendOnceATurn(client);
    reportDependency(this.#broker, ok);
    for await (const event of client.status()) {
      const type: string = event.type;
      if (type === "disconnect") this.#lost();
      if (type === "reconnect") this.#found();
    }
  }

  /** Moleculer keeps in `connected` whether there is a connection, and tells nobody of a change. */
  look(transporter: Transporter): void {
    let isUp = true;
    reportDependency(this.#broker, ok);
    this.#timer = setInterval(() => {
      if (transporter.connected === isUp) return;
      isUp = transporter.connected;
      if (isUp) this.#found();
      else this.#lost();
    }, LOOK).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  heard(node: string): void {
    if (this.#unheard.size === 0) return;
    this.#unheard.get(node)?.resolve();
    this.#unheard.delete(node);
  }

  isHeard = (node: string): boolean => !this.#unheard.has(node);

  /**
   * Calls the node as soon as it has shown a sign of life.
   * @throws ServiceNotAvailableError when there is none in time, so that the request certainly did not run
   */
  async ask(ctx: Call, action: string, next: Handler<Call>): Promise<unknown> {
    const { nodeID } = ctx as { nodeID: string };
    const until = (ctx.locals.patience ??= performance.now() + Math.min(this.#patience, timeLeft(ctx)));
    const isHeard = this.#unheard.get(nodeID)?.promise;
    const refusal = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => refusal.reject(new Errors.ServiceNotAvailableError({ action, nodeID })),
      Math.max(0, until - performance.now()),
    );
    await Promise.race([isHeard, refusal.promise]).finally(() => clearTimeout(timer));
    return next(ctx);
  }

  #lost(): void {
    reportDependency(this.#broker, away);
    const before = this.#unheard;
    const others = nodesOf(this.#broker, { onlyAvailable: true }).filter(({ local }) => !local);
    this.#unheard = new Map(others.map(({ id }) => [id, before.get(id) ?? Promise.withResolvers<void>()]));
    for (const { id } of others) this.#broker.transit!.removePendingRequestByNodeID(id);
  }

  #found(): void {
    reportDependency(this.#broker, ok);
    this.#broker.localBus.emit(LINK_FOUND);
    // Nodes that reconnected before this one answer now; this one answers those that reconnect later.
    (this.#broker.transit as unknown as { sendPing(): Promise<void> }).sendPing().catch(() => {});
  }
}

/** Placed before the breakers, which must not count it, and behind the retries, which may choose another node. */
export const link = middleware((broker, options: Options) => {
  const transporter = new Link(broker, options);
  return {
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
          "This cluster is open: everybody who reaches TRANSPORTER may act as any service. " +
            "Give each service a NATS user of its own (deploy/nats.conf) to close it.",
        );
      const { tx } = (broker.transit as unknown as { tx?: Transporter } | null) ?? {};
      if (tx?.client?.status) void transporter.watch(tx.client as NatsConnection);
      else if (tx) transporter.look(tx);
    },
    stopping: async () => transporter.stop(),
    transitMessageHandler:
      (next: Receive): Receive =>
      (cmd, packet) => {
        transporter.heard(packet.payload?.sender ?? "");
        return next(cmd, packet);
      },
    remoteAction:
      (next: Handler<Call>, { name }: { name: string }): Handler<Call> =>
      (ctx) =>
        transporter.isHeard(ctx.nodeID!) ? next(ctx) : transporter.ask(ctx, name, next),
  };
});
