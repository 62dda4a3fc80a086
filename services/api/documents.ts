/** The documents of the platform's interfaces, each made once for what services announce now. */
import type { Described } from "#mixins/gateway/registry.ts";
import manifest from "../../package.json" with { type: "json" };

/** @param version of the platform */
type Describe = (services: readonly Described[], version: string) => object;

export class Documents {
  readonly #services: () => readonly Described[];
  readonly #made = new Map<Describe, string>();

  constructor(services: () => readonly Described[]) {
    this.#services = services;
  }

  /** Called when services have changed. */
  forget(): void {
    this.#made.clear();
  }

  /** The document as JSON. A bad announcement of one service does not affect the others. */
  by(describe: Describe): string {
    const text = this.#made.get(describe) ?? textOf(describe, this.#services());
    this.#made.set(describe, text);
    return text;
  }
}

function textOf(describe: Describe, services: readonly Described[]): string {
  const made = (some: readonly Described[]): string => JSON.stringify(describe(some, manifest.version));
  const canBeMade = (service: Described): boolean => {
    try {
      return made([service]) !== "";
    } catch {
      return false;
    }
  };
  try {
    return made(services);
  } catch {
    return made(services.filter(canBeMade));
  }
}
