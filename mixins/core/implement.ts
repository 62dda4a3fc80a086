/** Joins a contract with its handlers: what is missing, or answers the wrong thing, does not compile. */
import type { Service, ServiceSchema } from "moleculer";
import type { ContractDefinition, Contract, EventData, EventName, InputOf, OutputOf } from "./contract.ts";
import type { Ctx } from "./context.ts";
import type { Envelope } from "./envelope.ts";

/** A Moleculer mixin that adds the names in `Names` to `this`. */
export type Mixin<Names extends object = object> = Partial<ServiceSchema> & { readonly "~names"?: Names };

interface Lifecycle<Host> {
  created?(this: Host): void;
  started?(this: Host): Promise<void> | void;
  stopped?(this: Host): Promise<void> | void;
}

/** Writes a mixin whose `this` has the names of the mixins it builds on. */
export const mixin = <Names extends object, Host extends Service = Service>(lifecycle: Lifecycle<Host>): Mixin<Names> =>
  lifecycle as Mixin<Names>;

/** Adds one name to a service, and refuses to hide one that is there (Moleculer overwrites in silence). */
export function addName(service: Service, name: string, value: unknown): void {
  if (name in service) throw new Error(`Two mixins add the name "${name}" to the service ${service.name}.`);
  Object.defineProperty(service, name, { value, enumerable: false });
}

type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type NamesOf<M extends readonly Mixin[]> = Intersection<
  { [K in keyof M]: M[K] extends Mixin<infer N> ? N : object }[number]
>;

/** What `this` is in a handler: Moleculer's service with the names its mixins added. */
export type Implementation<M extends readonly Mixin[] = []> = Service & NamesOf<M>;

type Handlers<D extends ContractDefinition> = {
  [A in keyof D["actions"]]: (
    ctx: Ctx<InputOf<D["actions"][A]>>,
  ) => Promise<OutputOf<D["actions"][A]>> | OutputOf<D["actions"][A]>;
};

/** Handlers of durable events; `tx` is the transaction in which the event is marked as handled. */
// oxlint-disable-next-line typescript/no-explicit-any -- the transaction's tables are the service's own
export type Subscriptions = { [E in EventName]?: (event: Envelope<EventData<E>>, tx: any) => Promise<void> | void };

interface Parts<D extends ContractDefinition, M extends readonly Mixin[]> {
  readonly mixins?: readonly [...M];
  readonly settings?: object;
  readonly actions: Handlers<D>;
  /** Durable events of other services, by `<service>.<event>`. */
  readonly events?: Subscriptions;
  readonly created?: () => void;
  readonly started?: () => Promise<void> | void;
  readonly stopped?: () => Promise<void> | void;
}

/** The schema that Moleculer runs. */
export function implement<Name extends string, D extends ContractDefinition, const M extends readonly Mixin[]>(
  contract: Contract<Name, D>,
  { mixins = [] as never, settings, actions, events, ...lifecycle }: Parts<D, M> & ThisType<Implementation<M>>,
): ServiceSchema {
  return {
    name: contract.name,
    version: contract.version,
    // Moleculer starts the last mixin first; here each builds on the ones before it.
    mixins: mixins.toReversed() as ServiceSchema[],
    // Published with the node's service list, so that gateways learn routes, errors and events without importing anyone.
    metadata: {
      summary: contract.summary,
      errors: contract.errors ?? {},
      events: contract.events ?? {},
      ...(contract.gateway ? { gateway: true } : {}),
    },
    ...(settings ? { settings } : {}),
    actions: Object.fromEntries(
      Object.entries(contract.actions).map(([name, definition]) => [
        name,
        {
          ...definition,
          // Asking twice is safe only where the contract says so.
          retryPolicy: { enabled: definition.idempotent ?? definition.rest?.startsWith("GET ") ?? false },
          handler: actions[name as keyof D["actions"]],
        },
      ]),
    ) as unknown as NonNullable<ServiceSchema["actions"]>,
    ...(events ? { subscriptions: events } : {}),
    ...lifecycle,
  } as ServiceSchema;
}
