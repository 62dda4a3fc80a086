/** Joins a contract with its handlers. A missing handler, or a wrong result, does not compile. */
import type { Service, ServiceSchema } from "moleculer";
import type {
  ActionName,
  Block,
  BlockActions,
  Contract,
  ContractDefinition,
  EventData,
  EventName,
  InputOf,
  Intersection,
  OutputOf,
} from "./contract.ts";
import type { Ctx } from "./context.ts";
import type { Envelope } from "./envelope.ts";
import type { JobDefinitions } from "./job.ts";
import type { JobHandlers } from "./job-run.ts";
import { isRecorded, recorded } from "./recording.ts";

/** What a building block brings to every service that uses it. */
interface BlockParts {
  readonly name: string;
  /** Of its tables, by `0001_name`: the database runs them before the service's own. */
  readonly migrations: Readonly<Record<string, { readonly up: (db: never) => Promise<void> }>>;
  /** For the actions that it adds to contracts. */
  readonly handlers?: Readonly<Record<string, (ctx: never) => unknown>>;
}

/** A Moleculer mixin that adds the names in `Names` to `this`. */
export type Mixin<Names extends object = object> = Partial<ServiceSchema> & {
  readonly "~names"?: Names;
  readonly block?: BlockParts;
};

interface Lifecycle<Host> {
  created?(this: Host): void;
  started?(this: Host): Promise<void> | void;
  stopped?(this: Host): Promise<void> | void;
}

/** Defines a mixin whose `this` has the names of the mixins that it builds on. */
export const mixin = <Names extends object, Host extends Service = Service>(
  lifecycle: Lifecycle<Host>,
  block?: BlockParts,
): Mixin<Names> => ({ ...lifecycle, ...(block && { block }) }) as Mixin<Names>;

/** Adds one name to a service. It refuses a name that is taken, because Moleculer would overwrite it silently. */
export function addName(service: Service, name: string, value: unknown): void {
  if (name in service) throw new Error(`Two mixins add the name "${name}" to the service ${service.name}.`);
  Object.defineProperty(service, name, { value, enumerable: false });
}

type NamesOf<M extends readonly Mixin[]> = Intersection<
  { [K in keyof M]: M[K] extends Mixin<infer N> ? N : object }[number]
>;

/** The type of `this` in a handler: Moleculer's service with the names that its mixins added. */
export type Implementation<M extends readonly Mixin[] = []> = Service & NamesOf<M>;

type Handlers<Actions, Names extends keyof Actions = keyof Actions> = {
  [A in Names]: (ctx: Ctx<InputOf<Actions[A]>>) => Promise<OutputOf<Actions[A]>> | OutputOf<Actions[A]>;
};

/** The handlers of the actions that a building block adds to contracts. */
export type BlockHandlers<B extends Block> = Handlers<ReturnType<B["actions"]>>;

/** Handles a durable event; `tx` is the transaction in which the event is marked as handled. */
// oxlint-disable-next-line typescript/no-explicit-any -- the transaction's tables are the service's own
type Subscriber<E extends EventName> = (event: Envelope<EventData<E>>, tx: any) => Promise<void> | void;
export type Subscriptions = { [E in EventName]?: Subscriber<E> };

type SubscribesOf<D extends ContractDefinition> = D extends { subscribes: readonly (infer E extends string)[] }
  ? E
  : never;

/** A handler for each event that the contract subscribes to, and for no other. */
type Subscribers<D extends ContractDefinition> = [SubscribesOf<D>] extends [never]
  ? { readonly events?: Record<string, never> }
  : { readonly events: { [E in SubscribesOf<D>]: E extends EventName ? Subscriber<E> : never } };

/** A handler for each kind of job that the contract has, and for no other. */
type Jobs<D extends ContractDefinition> = D extends { jobs: infer Kinds extends JobDefinitions }
  ? { readonly jobs: JobHandlers<Kinds> }
  : { readonly jobs?: Record<string, never> };

type UsesOf<D extends ContractDefinition> = D extends { uses: readonly (infer A extends string)[] } ? A : never;

/** Does not compile for a contract that uses an action which no contract has. */
type Joined<D extends ContractDefinition> = [Exclude<UsesOf<D>, ActionName>] extends [never]
  ? unknown
  : { readonly uses: readonly ActionName[] };

interface Parts<D extends ContractDefinition, M extends readonly Mixin[]> {
  readonly mixins?: readonly [...M];
  readonly settings?: object;
  /** Those of building blocks come with their mixins. */
  readonly actions: Handlers<D["actions"], Exclude<keyof D["actions"], keyof BlockActions<D>>>;
  readonly created?: () => void;
  readonly started?: () => Promise<void> | void;
  readonly stopped?: () => Promise<void> | void;
}

/** @throws Error when operators could not do what the contract tells them, or are not told what they could do */
function checkBlocks({ name, blocks = [], subscribes = [], jobs }: Contract, used: readonly BlockParts[]): void {
  if (subscribes.length > 0 && !blocks.some((block) => block.name === "inbox"))
    throw new Error(`The contract of ${name} subscribes to ${subscribes.join(", ")}: add inbox to its blocks.`);
  if (jobs && !blocks.some((block) => block.name === "jobs"))
    throw new Error(`The contract of ${name} has jobs: add jobs to its blocks.`);
  const missing = blocks.find((block) => !used.some((one) => one.name === block.name))?.name;
  if (missing)
    throw new Error(`The contract of ${name} has the block ${missing}: add ${missing}() to the service's mixins.`);
  const untold = used.find((one) => one.handlers && !blocks.some((block) => block.name === one.name))?.name;
  if (untold)
    throw new Error(`The service ${name} has the mixin ${untold}(): add ${untold} to the blocks of its contract.`);
}

/** The schema that Moleculer runs. @throws Error when the blocks of the contract are not those of the mixins */
export function implement<D extends ContractDefinition, const M extends readonly Mixin[]>(
  contract: Contract<string, D> & Joined<D>,
  {
    mixins = [] as never,
    settings,
    actions,
    events,
    jobs,
    ...lifecycle
  }: Parts<D, M> & Subscribers<D> & Jobs<D> & ThisType<Implementation<M>>,
): ServiceSchema {
  const blocks = mixins.flatMap(({ block }) => block ?? []);
  checkBlocks(contract, blocks);
  const handlers = Object.assign({}, ...blocks.map((block) => block.handlers), actions) as Record<string, unknown>;
  return {
    name: contract.name,
    version: contract.version,
    // Moleculer starts the last mixin first, but here each mixin builds on the ones before it.
    mixins: mixins.toReversed() as ServiceSchema[],
    // This metadata travels with the node's service list, so that gateways learn routes, errors and events without
    // importing a service.
    metadata: {
      summary: contract.summary,
      errors: contract.errors ?? {},
      events: contract.events ?? {},
      ...(contract.subscribes ? { subscribes: contract.subscribes } : {}),
      ...(contract.gateway ? { gateway: true } : {}),
    },
    ...(settings ? { settings } : {}),
    actions: Object.fromEntries(
      Object.entries(contract.actions).map(([name, definition]) => [
        name,
        {
          ...definition,
          // A retry is safe only where the contract says so.
          retryPolicy: { enabled: definition.idempotent ?? definition.rest?.startsWith("GET ") ?? false },
          handler: isRecorded(definition) ? recorded(definition, handlers[name] as never) : handlers[name],
        },
      ]),
    ) as unknown as NonNullable<ServiceSchema["actions"]>,
    // A gateway calls what its clients ask for.
    ...(contract.gateway ? {} : { uses: contract.uses ?? [] }),
    migrations: Object.fromEntries(
      blocks.flatMap(({ name, migrations }) =>
        Object.entries(migrations).map(([key, one]) => [`${name}/${key}`, one] as const),
      ),
    ),
    ...(events ? { subscriptions: events } : {}),
    ...(jobs ? { jobHandlers: jobs } : {}),
    ...lifecycle,
  } as ServiceSchema;
}
