/**
 * A node that is asked to drain tells the others that it has no services any more, and finishes what it has: no call, due
 * saga or event of the bus is taken from then on (events that a pull under way brings come for ten seconds more), and a
 * gateway is not ready. Its process stays until somebody ends it, or has it resume. Every node has `$standby` for that.
 */
import type { Context, Service, ServiceBroker } from "moleculer";
import { action } from "#core/contract.ts";
import { Strict } from "#core/schema.ts";
import { isStandby, setStandby } from "../node/standby.ts";
import Type from "typebox";
import { middleware } from "./middleware.ts";

/** Milliseconds that `$standby.drain` waits for calls under way, and between two looks. */
const PATIENCE = 10_000;
const PAUSE = 20;

interface NodeInfo {
  services: readonly { readonly name: string }[];
  metadata: object;
}
interface Registry {
  regenerateLocalRawInfo(incSeq: boolean, isStopping?: boolean): NodeInfo;
  readonly discoverer: { sendLocalNodeInfo(): Promise<void> };
}

const registryOf = (broker: ServiceBroker): Registry => broker.registry as unknown as Registry;

/** The answer of a node that was asked to drain or to resume. */
export const StandbyState = Type.Object(
  {
    id: Type.String(),
    standby: Type.Boolean(),
    /** The number of calls under way. */
    calls: Type.Integer(),
  },
  { title: "NodeState" },
);

const asked = { auth: "admin", operator: true, input: Strict({}), output: StandbyState } as const;

/**
 * Calls and events that the node's services work on, except the request that asks, which may have come through a gateway
 * of this node. Moleculer's tracking keeps them.
 */
const callsUnderWay = (broker: ServiceBroker, { requestID }: Context): number =>
  broker.services
    .filter(({ name }: Service) => !name.startsWith("$"))
    .flatMap((service) => (service as unknown as Record<string, Context[]>)["_trackedContexts"] ?? [])
    .filter((under) => under.requestID !== requestID).length;

/** Other nodes see only this node's `$` services, through which it can be asked to resume, and its state. */
function hideServices(broker: ServiceBroker): void {
  const registry = registryOf(broker);
  const regenerate = registry.regenerateLocalRawInfo.bind(registry);
  registry.regenerateLocalRawInfo = (incSeq, isStopping) => {
    const info = regenerate(incSeq, isStopping);
    if (!isStandby(broker)) return info;
    info.services = info.services.filter(({ name }) => name.startsWith("$"));
    info.metadata = { ...info.metadata, standby: true };
    return info;
  };
}

async function change(broker: ServiceBroker, standby: boolean): Promise<void> {
  if (isStandby(broker) === standby) return;
  setStandby(broker, standby);
  registryOf(broker).regenerateLocalRawInfo(true);
  await registryOf(broker).discoverer.sendLocalNodeInfo();
  broker.logger.info(standby ? "This node takes no new work." : "This node takes work again.");
}

async function drained(broker: ServiceBroker, asking: Context): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  // The first check is late enough for calls that were sent before the others knew.
  do await new Promise((resolve) => setTimeout(resolve, PAUSE));
  while (callsUnderWay(broker, asking) > 0 && isStandby(broker) && performance.now() < deadline);
}

const stateOf = (broker: ServiceBroker, asking: Context) => ({
  id: broker.nodeID,
  standby: isStandby(broker),
  calls: callsUnderWay(broker, asking),
});

export const drain = middleware((broker) => ({
  name: "Drain",
  starting: async () => {
    hideServices(broker);
    broker.createService({
      name: "$standby",
      actions: {
        drain: {
          ...action({
            summary: "Accept no new work, and finish the work under way",
            timeout: PATIENCE + 5000,
            ...asked,
          }),
          async handler(ctx: Context) {
            await change(broker, true);
            await drained(broker, ctx);
            return stateOf(broker, ctx);
          },
        },
        resume: {
          ...action({ summary: "Accept work again", ...asked }),
          async handler(ctx: Context) {
            await change(broker, false);
            return stateOf(broker, ctx);
          },
        },
      },
    } as never);
  },
}));
