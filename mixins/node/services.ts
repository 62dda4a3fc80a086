/** The services of this release, as their folders tell: mixins know none of them by name. */
import { existsSync, globSync } from "node:fs";
import { basename, join } from "node:path";
import type { Contract } from "#core/contract.ts";

const root = join(import.meta.dirname, "../..");

/** Every service, gateways too, sorted. */
export const knownServices = (): string[] =>
  globSync("services/*/*.service.ts", { cwd: root })
    .map((path) => basename(path, ".service.ts"))
    .toSorted();

/** Those of them that keep something. */
export const withDatabase = (services: readonly string[]): string[] =>
  services.filter((service) => existsSync(join(root, "services", service, "migrations")));

const isContract = (value: unknown): value is Contract =>
  typeof value === "object" && value !== null && "name" in value && "actions" in value && "error" in value;

/** The modules that the pattern finds, in the order of their paths. */
export const modulesIn = (pattern: string): Promise<Record<string, unknown>[]> =>
  Promise.all(
    globSync(pattern, { cwd: root })
      .toSorted()
      .map((path) => import(join(root, path)) as Promise<Record<string, unknown>>),
  );

/** The demo data of services that bring some, by service. */
export const demoModules = <Module>(): Promise<(readonly [service: string, Module])[]> =>
  Promise.all(
    globSync("services/*/*.demo.ts", { cwd: root })
      .toSorted()
      .map(async (path) => [basename(path, ".demo.ts"), (await import(join(root, path))) as Module] as const),
  );

/** Every contract, by name and version. */
export async function contracts(): Promise<Contract[]> {
  const found = (await modulesIn("services/*/*.contract.ts")).flatMap((one) => Object.values(one).filter(isContract));
  return found.toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version - b.version);
}
