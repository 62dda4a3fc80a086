/**
 * The one shape of our middlewares: a function from options to what moleculer.config.ts lists. Moleculer also takes functions,
 * and lets hooks of actions see contexts of any kind; its types know neither, so this is the one place that overrules them.
 */
import type { Context, Middleware, ServiceBroker } from "moleculer";
import type { CallHook } from "#core/context.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- each hook says what it reads of contexts and actions
type Any = any;
/** The handler of an action, or all that is around it already. */
export type Handler<Ctx = Context> = (ctx: Ctx) => Promise<unknown>;
type ActionHook = (next: Handler<Any>, action: Any) => Handler<Any>;
/** Handles a packet of another node. */
export type Receive = (cmd: string, packet: { payload?: { sender?: string } }) => Promise<unknown>;

interface Hooks {
  readonly name: string;
  readonly created?: () => void;
  readonly starting?: () => Promise<void>;
  readonly started?: () => Promise<void>;
  readonly stopping?: () => Promise<void>;
  readonly stopped?: () => Promise<void>;
  readonly localAction?: ActionHook;
  readonly remoteAction?: ActionHook;
  readonly call?: CallHook;
  readonly transitMessageHandler?: (next: Receive) => Receive;
}

/**
 * @example
 * export const bulkhead = middleware((broker, { concurrency }: Options) => ({
 *   name: "Bulkhead",
 *   localAction: (next, action) => (ctx) => …,
 * }));
 * // in moleculer.config.ts
 * middlewares: [bulkhead({ concurrency: 100 })],
 */
export const middleware =
  <Options extends readonly unknown[]>(make: (broker: ServiceBroker, ...options: Options) => Hooks) =>
  (...options: Options): Middleware =>
    ((broker: ServiceBroker) => make(broker, ...options)) as Middleware;
