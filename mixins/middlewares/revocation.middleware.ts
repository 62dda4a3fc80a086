/**
 * Keeps a node's list of revocations equal to the user service's. Only the user service decides what is revoked; a
 * message from another node is merely a reason to ask it. A node asks when it starts, when a message says that there is
 * something new, and when it may have missed a message: NATS was away, or a node of the user service died. The nodes of
 * the user service look every second, because the node that revoked something may have died before it told anybody.
 * They tell all others of what they find, and tell them again when one of them may have missed it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { Output } from "#core/contract.ts";
import { now } from "#core/clock.ts";
import { requireReachable } from "../node/reachable.ts";
import { LIST_REVOCATIONS, revocationsOf } from "../node/revocations.ts";
import { Tokens } from "../node/tokens.ts";
import { topology } from "../node/topology.ts";
import { Worker } from "../queue/worker.ts";
import { perBroker } from "../node/per-broker.ts";
import { LINK_FOUND } from "./link.middleware.ts";
import { middleware } from "./middleware.ts";

/** Milliseconds between two looks of a node of the user service, and of a node that could not reach that service. */
const LOOK = 1000;
/** Milliseconds between two looks of any other node. The nodes of the user service tell it when something is new. */
const IDLE = 10_000;
/** The shortest pause in milliseconds between two questions. */
const PACE = 20;
/** Milliseconds for which entries are asked for again, because transactions commit in another order than they begin. */
const OVERLAP = 30_000;
/** Milliseconds that a request waits for the first answer on a node that has just started. */
const PATIENCE = 1000;

/** The event that announces something new. It carries no data, and is accepted from the user service alone. */
export const REVOCATION_CHANGED = "user.revocationsChanged";

export class RevocationWatch {
  readonly #broker: ServiceBroker;
  readonly #tokens = new Tokens();
  #newest = 0;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #hasLooked = false;
  /** True until the others are told to ask, which only nodes of the user service do. */
  #hasNews = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** True when the list was fetched, or could not be fetched at the start. Customers are served in either case. */
  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  /** True for a node of the user service. */
  get tells(): boolean {
    return this.#broker.getLocalService({ name: "user", version: 1 }) !== undefined;
  }

  /** The next look tells the others to ask, even when it finds nothing new. */
  tellAgain(): void {
    this.#hasNews = true;
  }

  /** Resolves when the first look is over, for good or ill. */
  async look(): Promise<void> {
    await Promise.race([this.fetch().catch(() => {}), sleep(PATIENCE, undefined, { ref: false })]);
    // The user service may start after who asks.
    this.#hasLooked ||= (this.#broker as unknown as { started: boolean }).started;
  }

  /**
   * Resolves once everything is known that was revoked before it was called.
   * @throws SERVICE_NOT_AVAILABLE when the user service is away
   */
  async refresh(): Promise<void> {
    // In one process the user service enters what it revokes into this very list.
    if (topology.isCluster) await this.fetch();
  }

  /** The same; one look at a time, and another for all who came during the one at hand. */
  fetch(): Promise<void> {
    if (!this.#running) return (this.#running = this.#fetch().finally(() => (this.#running = undefined)));
    return (this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.fetch();
      }));
  }

  async #fetch(): Promise<void> {
    requireReachable(this.#broker, LIST_REVOCATIONS);
    const since = Math.max(0, this.#newest - OVERLAP);
    let cursor: string | null = null;
    do {
      const { items, nextCursor } = await this.#ask(cursor === null ? { since } : { since, cursor });
      if (revocationsOf(this.#broker).learn(items)) this.#hasNews = true;
      this.#newest = Math.max(this.#newest, items.at(-1)?.revokedAt ?? 0);
      cursor = nextCursor;
    } while (cursor !== null);
    this.#hasLooked = true;
    if (this.#hasNews && this.tells) void this.#broker.broadcast(REVOCATION_CHANGED);
    this.#hasNews = false;
  }

  /** The node asks for itself, in the name of what it is there for. */
  async #ask(params: object): Promise<Output<"user.listRevocations">> {
    const token = this.#tokens.signed(topology.role, null) ?? (await this.#tokens.sign(topology.role, null));
    return this.#broker.call(LIST_REVOCATIONS, params, { headers: { "x-service-token": token } });
  }
}

interface Gone {
  readonly node: { readonly services: readonly { readonly name: string }[] };
}
/** What such a node revoked last it may have told nobody. */
const runsUsers = ({ services }: Gone["node"]) => services.some(({ name }) => name === "user");

export const revocationWatchOf = perBroker((broker) => new RevocationWatch(broker));

export const revocation = middleware((broker) => {
  const watch = revocationWatchOf(broker);
  const worker = new Worker(
    broker.getLogger("revocation"),
    async () => {
      const isTold = await watch.fetch().then(
        () => !watch.tells,
        (error: Error) => broker.logger.debug(`Revocations: ${error.message}`),
      );
      if (!isTold) worker.wake(now() + LOOK);
      return false;
    },
    { idle: IDLE, pace: PACE },
  );
  const lookAndTell = () => {
    watch.tellAgain();
    worker.wake();
  };
  return {
    name: "Revocation",
    starting: async () => {
      if (!topology.isCluster) return;
      broker.createService({
        name: "$revocation",
        events: { [REVOCATION_CHANGED]: () => worker.wake() },
      } as never);
    },
    started: async () => {
      await watch.look();
      if (!topology.isCluster) return;
      worker.wake();
      broker.localBus.on(LINK_FOUND, lookAndTell);
      // A node that this one had given up heard nothing meanwhile.
      broker.localBus.on("$node.connected", () => watch.tells && lookAndTell());
      broker.localBus.on("$node.disconnected", ({ node }: Gone) => runsUsers(node) && worker.wake());
    },
    stopping: async () => worker.stop(),
  };
});
