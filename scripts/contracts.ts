/** All contracts of the repository, by name and version. */
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Contract } from "#core/contract.ts";

const root = dirname(import.meta.dirname);

const isContract = (value: unknown): value is Contract =>
  typeof value === "object" && value !== null && "name" in value && "actions" in value && "error" in value;

/** The modules that the pattern finds, in the order of their paths. */
export const modulesIn = (pattern: string): Promise<Record<string, unknown>[]> =>
  Promise.all(
    globSync(pattern, { cwd: root })
      .toSorted()
      .map((path) => import(join(root, path)) as Promise<Record<string, unknown>>),
  );

export async function contracts(): Promise<Contract[]> {
  const found = (await modulesIn("services/*/*.contract.ts")).flatMap((one) => Object.values(one).filter(isContract));
  return found.toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version - b.version);
}
