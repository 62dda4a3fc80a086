/**
 * Circuit breakers that people can see and reset. Each node has its own for every action on every node it calls; it
 * tells all nodes of each change, so that a gateway can show them all.
 */
import type { Context, ServiceBroker } from "moleculer";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { timestamp } from "#core/clock.ts";
import { action } from "#core/contract.ts";
import { Nothing, Strict, Text } from "#core/schema.ts";
import { perBroker } from "../node/per-broker.ts";
import { middleware } from "./middleware.ts";

const states = ["closed", "half-open", "open"] as const;
export type BreakerState = (typeof states)[number];

/** A change, as it travels: event `breaker.changed`. */
export interface BreakerChange {
  /** The node that calls, whose breaker it is. */
  readonly node: string;
  readonly action: string;
  /** The node that is called. */
  readonly target: string;
  readonly state: BreakerState;
  /** RFC 3339. */
  readonly time: string;
}

/** Moleculer's own record of one breaker. */
interface Item {
  readonly ep: { state: boolean; readonly id: string; readonly action: { readonly name: string } };
  readonly service: { readonly fullName: string };
  state: string;
  count: number;
  failures: number;
  cbTimer: NodeJS.Timeout | null;
}

interface Listed {
  readonly id: string;
  readonly services?: readonly { readonly name: string }[];
}

const SERVICE = "$breakers";
const LONGEST_HISTORY = 1000;
/** Breakers that are shown at once, of all nodes and of the nodes of one service: more are news of nobody's use. */
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

/** What this node knows of everybody's breakers. */
export class Breakers {
  /** Those that are not closed, by caller, action and target. */
  readonly #open = new Map<string, BreakerChange>();
  readonly #history: (BreakerChange & { readonly id: number })[] = [];
  readonly #listeners = new Set<() => void>();
  #lastId = 0;

  /** Number of the newest change. */
  get lastId(): number {
    return this.#lastId;
  }

  /** The breakers of all nodes that are not closed. */
  list(): readonly BreakerChange[] {
    return [...this.#open.values()];
  }

  /** Changes after the one with this number, oldest first; the newest thousand are kept. */
  since(id: number): readonly (BreakerChange & { readonly id: number })[] {
    return this.#history.filter((change) => change.id > id);
  }

  /** Calls `listener` after each change; the function that is returned ends that. */
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

  /** A node that is gone calls nobody, and is called by nobody. */
  forget(node: string): void {
    for (const change of this.list())
      if (change.node === node || change.target === node) this.learn({ ...change, state: "closed", time: timestamp() });
  }
}

export const breakersOf = perBroker(() => new Breakers());

/** An action by its full name, such as `v1.order.create`, on one node or on all. */
export interface BreakerReset {
  readonly action: string;
  readonly target?: string;
}

/**
 * Closes breakers by hand, in every node that calls; each checks who asks.
 * @param call asks one node, with a token of an administrator or operator
 * @throws Error of the first node that did not do it
 */
export async function resetBreaker(
  broker: ServiceBroker,
  call: (name: string, params: BreakerReset, options: { nodeID: string }) => Promise<unknown>,
  reset: BreakerReset,
): Promise<void> {
  const nodes = broker.registry.getNodeList({ onlyAvailable: true, withServices: true }) as unknown as Listed[];
  // Moleculer nodes from elsewhere have no such service.
  const ours = nodes.filter(({ services }) => services?.some(({ name }) => name === SERVICE));
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
 * Moleculer keeps the record of a node that went, and would never again open the breaker of one that came back. They are
 * closed first: who hears late that one opened must also hear that it is no more.
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
      // Moleculer tells all nodes, but only the one whose breaker it is speaks of it.
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
