/** Who calls whom and who subscribes to whom, as the services' source says: permissions follow from it. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = dirname(import.meta.dirname);
const CALL = /\.call\(\s*"([a-z][\w-]*)\.(\w+)"/g;
const SUBSCRIPTION = /^\s+(?:async )?"([a-z][\w-]*)\.(\w+)"(?:\(|:)/gm;

/** Folders of services, sorted. */
export const serviceNames: readonly string[] = globSync("services/*/*.service.ts", { cwd: root })
  .map((path) => path.split("/")[1]!)
  .toSorted();

/** What the source in these folders names by `pattern`, each once, sorted: `<service>.<action or event>`. */
function named(folders: readonly string[], pattern: RegExp): string[] {
  const files = folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .filter((path) => !path.endsWith(".spec.ts"));
  const found = files.flatMap((path) => [...readFileSync(join(root, path), "utf8").matchAll(pattern)]);
  return [...new Set(found.map(([, owner, name]) => `${owner}.${name}`))].toSorted();
}

export const ownerOf = (name: string): string => name.slice(0, name.indexOf("."));

/** Actions that a service calls, its own included, and those that any node calls, whatever it runs. */
export const callsOf = (service: string): readonly string[] =>
  named([`services/${service}`, "mixins/middlewares"], CALL);

/** Events that a service subscribes to. */
export const subscriptionsOf = (service: string): readonly string[] => named([`services/${service}`], SUBSCRIPTION);
