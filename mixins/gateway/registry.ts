/** The contracts that nodes have announced. A gateway knows services only through them, even when all are gone. */
import type { ServiceBroker } from "moleculer";
import type { ActionDefinition, EventDefinition } from "#core/contract.ts";
import type { ErrorDefinition } from "#core/errors.ts";
import { isAction, isMetadata } from "./announced.ts";

/** A service as its contract and the registry describe it. */
export interface Described {
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly errors: Readonly<Record<string, ErrorDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
  /** The events of other services that it handles. */
  readonly subscribes?: readonly string[];
  readonly actions: Readonly<Record<string, ActionDefinition>>;
}

interface Listed {
  readonly name: string;
  readonly version?: number;
  readonly metadata?: Partial<Pick<Described, "summary" | "errors" | "events" | "subscribes">>;
  readonly actions: Readonly<Record<string, Partial<ActionDefinition> & { readonly rawName: string }>>;
}

/** Undefined for metadata that is no contract. */
function describe({ name, version, metadata = {}, actions }: Listed): Described | undefined {
  // Actions without a contract, such as a gateway's own, are not reachable from outside.
  const declared = Object.values(actions).filter(({ auth, input, output }) => auth && input && output);
  if (!Number.isSafeInteger(version) || !isMetadata(metadata) || !declared.every(isAction)) return undefined;
  return {
    name,
    version: version!,
    summary: metadata.summary ?? name,
    errors: metadata.errors ?? {},
    events: metadata.events ?? {},
    subscribes: metadata.subscribes ?? [],
    actions: Object.fromEntries(declared.map((one) => [one.rawName, one as unknown as ActionDefinition])),
  };
}

export class ContractRegistry {
  readonly #broker: ServiceBroker;
  readonly #services = new Map<string, Described>();
  /** Nodes whose malformed announcement was reported, once each. */
  readonly #told = new Set<string>();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** Reads the registry. It is called at every change, so that no change is missed. */
  update(): void {
    const listed = this.#broker.registry.getServiceList({ withActions: true }) as unknown as Listed[];
    for (const one of listed) {
      if (!one.metadata?.errors) continue;
      const service = describe(one);
      if (service) this.#services.set(`${service.name} ${service.version}`, service);
      else this.#tell(one.name);
    }
  }

  #tell(name: string): void {
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#broker.logger.warn(`What a node announces of ${name} is no contract: it is not served.`);
  }

  /** Every service that was ever seen, by name: one that is away is unavailable, not unknown. */
  services(): readonly Described[] {
    return [...this.#services.values()].toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version - b.version);
  }
}
