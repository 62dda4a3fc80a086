/** Writes the files that follow from contracts and settings; with `--check` it only tells which of them drifted. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Contract } from "#core/contract.ts";
import type { Setting } from "#core/config.ts";
import manifest from "../package.json" with { type: "json" };

const root = dirname(import.meta.dirname);
// Reading the settings must neither see this machine's nor leave keys in its data folder.
const scratch = mkdtempSync(join(tmpdir(), "madang-generate-"));
process.env.DATA_DIR = scratch;

const modulesIn = (pattern: string): Promise<Record<string, unknown>[]> =>
  Promise.all(
    globSync(pattern, { cwd: root })
      .toSorted()
      .map((path) => import(join(root, path)) as Promise<Record<string, unknown>>),
  );

const isContract = (value: unknown): value is Contract =>
  typeof value === "object" && value !== null && "name" in value && "actions" in value && "error" in value;

async function openapiDocument(): Promise<string> {
  const { openapi } = await import("../services/api/openapi.generator.ts");
  const contracts = (await modulesIn("services/*/*.contract.ts")).flatMap((one) =>
    Object.values(one).filter(isContract),
  );
  const services = contracts
    .map(({ name, version, summary, errors = {}, actions }) => ({ name, version, summary, errors, actions }))
    .toSorted((a, b) => a.name.localeCompare(b.name, "en") || a.version - b.version);
  return `${JSON.stringify(openapi(services, manifest.version), null, 2)}\n`;
}

const settingLines = ([name, { about, example }]: [string, Setting<unknown>]): string =>
  `# ${about}\n#${name}=${example}\n`;

async function environmentExample(): Promise<string> {
  await modulesIn("moleculer.config.ts");
  await modulesIn("services/*/*.service.ts");
  const { declared } = await import("#core/config.ts");
  const sections = [...declared].map(
    ([owner, settings]) => `## ${owner}\n${Object.entries(settings).map(settingLines).join("")}`,
  );
  const head = "# Every setting of the environment with its default.\n";
  return `${head}\n${sections.toSorted().join("\n")}`;
}

function isCurrent(path: string, text: string): boolean {
  try {
    return readFileSync(join(root, path), "utf8") === text;
  } catch {
    return false;
  }
}

const files: readonly (readonly [path: string, text: string])[] = [
  ["docs/openapi.json", await openapiDocument()],
  [".env.example", await environmentExample()],
];
rmSync(scratch, { recursive: true, force: true });

for (const [path, text] of files) {
  if (isCurrent(path, text)) continue;
  if (process.argv.includes("--check")) {
    console.error(
      `${path} no longer follows from the contracts and settings: run "npm run generate" and commit ${basename(path)}.`,
    );
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`wrote ${path}`);
}
