/** The contracts that nodes announce, remembered when the last node of a service is gone: all that a gateway knows of services. */
import type { ServiceBroker } from "moleculer";
import type { ActionDefinition, EventDefinition } from "#core/contract.ts";
import type { ErrorDefinition } from "#core/errors.ts";
import { isAction, isMetadata } from "./announced.ts";

/** A service as its contract and the registry both tell it. */
export interface Described {
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly errors: Readonly<Record<string, ErrorDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
  readonly actions: Readonly<Record<string, ActionDefinition>>;
}

interface Listed {
  readonly name: string;
  readonly version?: number;
  readonly metadata?: Partial<Pick<Described, "summary" | "errors" | "events">>;
  readonly actions: Readonly<Record<string, Partial<ActionDefinition> & { readonly rawName: string }>>;
}

/** Undefined for what is no contract. */
function describe({ name, version, metadata = {}, actions }: Listed): Described | undefined {
  // Actions without a contract, such as a gateway's own, have no business outside.
  const declared = Object.values(actions).filter(({ auth, input, output }) => auth && input && output);
  if (!Number.isSafeInteger(version) || !isMetadata(metadata) || !declared.every(isAction)) return undefined;
  return {
    name,
    version: version!,
    summary: metadata.summary ?? name,
    errors: metadata.errors ?? {},
    events: metadata.events ?? {},
    actions: Object.fromEntries(declared.map((one) => [one.rawName, one as unknown as ActionDefinition])),
  };
}

export class ContractRegistry {
  readonly #broker: ServiceBroker;
  readonly #services = new Map<string, Described>();
  /** Whose announcement was told to be malformed, once each. */
  readonly #told = new Set<string>();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** Reads the registry: called whenever it changes, so that nothing comes and goes unseen. */
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

  /** Every service that was ever seen, by name: what is asked of one that is away is unavailable, not unknown. */
  services(): readonly Described[] {
    return [...this.#services.values()].toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version - b.version);
  }
}
