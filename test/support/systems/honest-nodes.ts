/** One honest node of each service over a NATS server with deploy/nats.conf, for specs of what another node may do to them. */
import { type Context, ServiceBroker } from "moleculer";
import { GuardedNats } from "#mixins/node/nats.transporter.ts";
import { breakers } from "#mixins/middlewares/breaker.middleware.ts";
import { keepStreams } from "#mixins/bus/nats/deployment.ts";
import { ownerOf, streamPlans } from "#mixins/bus/nats/plan.ts";
import { nodeUses } from "#mixins/node/revocations.ts";
import { contracts, serviceNames } from "../fixtures/source.ts";
import { NatsUsers } from "./nats-users.ts";

interface Registry {
  readonly nodes: {
    get(id: string): { readonly available: boolean; readonly metadata?: { readonly mark?: number } } | undefined;
    toArray(): readonly { readonly id: string }[];
  };
}

export const plans = streamPlans([...contracts.values()]);
export const idOf = (service: string): string => `${service}.honest`;
export const registryOf = (broker: ServiceBroker): Registry => broker.registry as unknown as Registry;
export const isHonest = (id: string): boolean => serviceNames.map(idOf).includes(id);
export const others = (service: string): string[] => serviceNames.filter((one) => one !== service);

export let server: NatsUsers;
export const honest = new Map<string, ServiceBroker>();
/** The events that honest nodes received from other nodes. */
export const heard: { readonly by: string; readonly event: string; readonly from: string }[] = [];
/** Calls of `wait` are answered when it resolves. */
export let release = Promise.withResolvers<void>();

function honestNode(service: string): ServiceBroker {
  const transporter = new GuardedNats({ ...server.options(service), sender: service });
  const nodeID = idOf(service);
  const middlewares = [breakers()];
  // As in production: silence is judged elsewhere, and the compromised ones are silent.
  const registry = { discoverer: { type: "Local", options: { disableHeartbeatChecks: true } } } as never;
  const broker = new ServiceBroker({ nodeID, transporter: transporter as never, registry, middlewares, logger: false });
  broker.createService({
    name: service,
    version: 1,
    actions: {
      ask: () => nodeID,
      wait: () => release.promise.then(() => nodeID),
    },
    events: {
      "**"({ eventName, nodeID: from }: Context) {
        if (from !== nodeID) heard.push({ by: nodeID, event: eventName!, from: from! });
      },
    },
  });
  return broker;
}

/** Nothing was heard so far, and no call of `wait` is answered. */
export function resetHonestNodes(): void {
  heard.length = 0;
  release = Promise.withResolvers<void>();
}

export const ask = (broker: ServiceBroker, service: string, action = "ask") =>
  broker.call<string>(`v1.${service}.${action}`);
export const nodesOf = (broker: ServiceBroker, action: string): string[] =>
  (broker.registry.getActionEndpoints(action) as unknown as { endpoints: { id: string }[] } | undefined)?.endpoints.map(
    ({ id }) => id,
  ) ?? [];

/** Starts them before the specs of a file, and ends them after the last. */
export function setUpHonestNodes(): void {
  const stop = new AbortController();
  let kept: Promise<void>;

  beforeAll(async () => {
    server = await NatsUsers.start();
    for (const service of serviceNames) honest.set(service, honestNode(service));
    const made = Promise.withResolvers<void>();
    const tell = (error: Error | null) => (error ? made.reject(error) : made.resolve());
    kept = keepStreams(server.nats.urlFor("streams"), plans, tell, stop.signal);
    await Promise.all([made.promise, ...[...honest.values()].map((broker) => broker.start())]);
    const names = serviceNames.map((name) => ({ name, version: 1 }));
    await Promise.all([...honest.values()].map((broker) => broker.waitForServices(names)));
  });
  afterAll(async () => {
    stop.abort();
    await Promise.all([kept, ...[...honest.values()].map((broker) => broker.stop())]);
    await server.dispose();
  });
}

/** A service as a node announces it. */
export const announced = (name: string, fullName: string, action: string, group?: string) => ({
  name,
  fullName,
  version: 1,
  settings: {},
  metadata: {},
  actions: { [action]: { name: action, rawName: "ask" } },
  events: group ? { "order.*": { name: "order.*", group } } : {},
});

/** The services that one may ask. */
export const asked = (one: string): readonly string[] =>
  contracts.get(one)?.gateway ? serviceNames : [...nodeUses, ...(contracts.get(one)?.uses ?? [])].map(ownerOf);

/** Two other services, of which the first asks the second. */
export function pairWithout(service: string): readonly [string, string] {
  const pairs = others(service).flatMap((one) => asked(one).map((other) => [one, other] as const));
  return pairs.find((pair) => pair[0] !== pair[1] && pair[1] !== service)!;
}
