/** The source tree as the specs of the architecture read it. */
import { globSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Contract } from "#core/contract.ts";

export const root = join(import.meta.dirname, "../..");

/** Folders of services. */
export const serviceNames: readonly string[] = readdirSync(join(root, "services"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();

/** Paths of the TypeScript files below a folder that run in production. */
export const sourcesIn = (folder: string): string[] =>
  globSync(`${folder}/**/*.ts`, { cwd: root, exclude: (path) => path.endsWith(".spec.ts") })
    .toSorted()
    .map((path) => join(root, path));

export const filesOf = (service: string): string[] => sourcesIn(`services/${service}`);

const isContract = (value: unknown): value is Contract =>
  typeof value === "object" && value !== null && "name" in value && "actions" in value && "error" in value;

const modules = await Promise.all(
  globSync("services/*/*.contract.ts", { cwd: root }).map(
    (path) => import(join(root, path)) as Promise<Record<string, unknown>>,
  ),
);

/** Every contract by the name of its service. */
export const contracts: ReadonlyMap<string, Contract> = new Map(
  modules
    .flatMap((module) => Object.values(module).filter(isContract))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((contract) => [contract.name, contract]),
);
