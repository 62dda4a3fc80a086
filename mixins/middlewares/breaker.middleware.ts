/**
 * Circuit breakers that people can see and reset. Each node has its own for every action on every node that it calls.
 * It reports each change to all nodes, so that a gateway can show all breakers.
 */
import type { Context, ServiceBroker } from "moleculer";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { timestamp } from "#core/clock.ts";
import { action } from "#core/contract.ts";
import { Nothing, Strict, Text } from "#core/schema.ts";
import { nodesOf } from "../node/nodes.ts";
import { perBroker } from "../node/per-broker.ts";
import { middleware } from "./middleware.ts";
import { isFault } from "./refusal.middleware.ts";

/** When a breaker opens and closes. Each is for one action on one node. */
export const circuitBreaker = {
  enabled: true,
  /** The share of calls that must fail within the window. */
  threshold: 0.3,
  minRequestCount: 5,
  /** Seconds. */
  windowTime: 30,
  /** Milliseconds that a breaker is open before it lets one call through. */
  halfOpenTime: 5000,
  /** Refusals are answers: they open no breaker. */
  check: isFault,
};

const states = ["closed", "half-open", "open"] as const;
export type BreakerState = (typeof states)[number];

/** A change of a breaker, in the event `breaker.changed`. */
export interface BreakerChange {
  /** The calling node, which owns the breaker. */
  readonly node: string;
  readonly action: string;
  /** The called node. */
  readonly target: string;
  readonly state: BreakerState;
  /** RFC 3339. */
  readonly time: string;
}

/** Moleculer's own record of a breaker. */
interface Item {
  readonly ep: { state: boolean; readonly id: string; readonly action: { readonly name: string } };
  readonly service: { readonly fullName: string };
  state: string;
  count: number;
  failures: number;
  cbTimer: NodeJS.Timeout | null;
}

const SERVICE = "$breakers";
const LONGEST_HISTORY = 1000;
/** The most breakers that are shown for all nodes, and for the nodes of one service. Nobody would read more. */
const MOST_OPEN = 1000;
const MOST_OF_SERVICE = 200;

const isChange = Compile(
  Strict({ node: Text(200), action: Text(200), target: Text(200), state: Type.Enum([...states]), time: Text(64) }),
);

const serviceOf = (node: string): string => node.split(".", 1)[0]!;

const itemsOf = (broker: ServiceBroker): Map<string, Item> =>
  (broker as unknown as { CircuitBreakerStore?: Map<string, Item> }).CircuitBreakerStore ?? new Map<string, Item>();

const stateOf = ({ state }: Item): BreakerState =>
  state === "open" ? "open" : state.startsWith("half_open") ? "half-open" : "closed";

/** The state of all nodes' breakers, as far as this node knows it. */
export class Breakers {
  /** Breakers that are not closed, by caller, action and target. */
  readonly #open = new Map<string, BreakerChange>();
  readonly #history: (BreakerChange & { readonly id: number })[] = [];
  readonly #listeners = new Set<() => void>();
  #lastId = 0;

  get lastId(): number {
    return this.#lastId;
  }

  list(): readonly BreakerChange[] {
    return [...this.#open.values()];
  }

  /** Changes after the one with this number, oldest first. The newest thousand are kept. */
  since(id: number): readonly (BreakerChange & { readonly id: number })[] {
    return this.#history.filter((change) => change.id > id);
  }

  /** Calls `listener` after each change. The returned function ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  learn(change: BreakerChange): void {
    const key = `${change.node} ${change.action} ${change.target}`;
    if (change.state !== "closed" && !this.#open.has(key) && !this.#hasRoomFor(change.node)) return;
    if (change.state === "closed" && !this.#open.delete(key)) return;
    if (change.state !== "closed") this.#open.set(key, change);
    this.#history.push({ ...change, id: ++this.#lastId });
    if (this.#history.length > LONGEST_HISTORY) this.#history.shift();
    for (const listener of this.#listeners) listener();
  }

  #hasRoomFor(node: string): boolean {
    const own = this.list().filter((change) => serviceOf(change.node) === serviceOf(node));
    return this.#open.size < MOST_OPEN && own.length < MOST_OF_SERVICE;
  }

  /** A node that is gone neither calls nor is called. */
  forget(node: string): void {
    for (const change of this.list())
      if (change.node === node || change.target === node) this.learn({ ...change, state: "closed", time: timestamp() });
  }
}

export const breakersOf = perBroker(() => new Breakers());

/** An action by its full name, such as `v1.order.create`, on one node or on all nodes. */
export interface BreakerReset {
  readonly action: string;
  readonly target?: string;
}

/**
 * Closes breakers by hand, in every calling node; each node checks the caller's rights.
 * @param call asks one node, with the token of an administrator or operator
 * @throws Error of the first node that failed to do it
 */
export async function resetBreaker(
  broker: ServiceBroker,
  call: (name: string, params: BreakerReset, options: { nodeID: string }) => Promise<unknown>,
  reset: BreakerReset,
): Promise<void> {
  // Foreign Moleculer nodes have no such service.
  const ours = nodesOf(broker, { onlyAvailable: true, withServices: true }).filter(({ services }) =>
    services?.some(({ name }) => name === SERVICE),
  );
  await Promise.all(ours.map(({ id }) => call(`${SERVICE}.reset`, reset, { nodeID: id })));
}

function close(broker: ServiceBroker, item: Item): void {
  const wasClosed = stateOf(item) === "closed";
  if (item.cbTimer) clearTimeout(item.cbTimer);
  Object.assign(item, { state: "close", count: 0, failures: 0, cbTimer: null });
  item.ep.state = true;
  const { action, id } = item.ep;
  if (!wasClosed)
    void broker.broadcastLocal("$circuit-breaker.closed", {
      nodeID: id,
      service: item.service.fullName,
      action: action.name,
    });
}

/**
 * Removes the breakers of a node that is gone. Moleculer keeps their records, and would never again open the breaker of
 * a node that came back. They are closed first, so that everybody who hears late of an open breaker also hears that it
 * has closed.
 */
function dropItemsOf(broker: ServiceBroker, node: string): void {
  for (const [key, item] of itemsOf(broker)) {
    if (item.ep.id !== node) continue;
    close(broker, item);
    itemsOf(broker).delete(key);
  }
}

const resetContract = action({
  summary: "Close this node's circuit breakers of an action",
  auth: "admin",
  operator: true,
  input: Strict({ action: Text(200), target: Type.Optional(Text(200)) }),
  output: Nothing,
});

export const breakers = middleware((broker) => {
  const all = breakersOf(broker);
  const { nodeID: node } = broker;
  const tell =
    (state: BreakerState) =>
    ({ nodeID: teller, params: { nodeID: target, action } }: Context<{ nodeID: string; action: string }>): void => {
      // Moleculer sends the event to all nodes, but only the breaker's owner reports it.
      if (teller === node) void broker.broadcast("breaker.changed", { node, action, target, state, time: timestamp() });
    };
  return {
    name: "Breakers",
    starting: async () => {
      broker.createService({
        name: SERVICE,
        actions: {
          reset: {
            ...resetContract,
            handler({ params: { action, target } }: Context<BreakerReset>) {
              for (const item of itemsOf(broker).values())
                if (item.ep.action.name === action && (!target || item.ep.id === target)) close(broker, item);
              return null;
            },
          },
        },
        events: {
          "$circuit-breaker.opened": tell("open"),
          "$circuit-breaker.half-opened": tell("half-open"),
          "$circuit-breaker.closed": tell("closed"),
          "$node.disconnected"({ params: { node: gone } }: Context<{ node: { id: string } }>) {
            dropItemsOf(broker, gone.id);
            all.forget(gone.id);
          },
          "breaker.changed"({ params, nodeID: teller }: Context<BreakerChange>) {
            if (isChange.Check(params) && params.node === teller) all.learn(params);
          },
        },
      } as never);
    },
  };
});
