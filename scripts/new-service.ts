/** `npm run new:service -- wishlist`: writes a small service that works at once, to be made your own. */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Script } from "node:vm";
import { containers } from "../deploy/topology.ts";
import { plural } from "./new-service/plural.ts";

const root = dirname(import.meta.dirname);
const templates = ["contract", "service", "repository", "migration", "spec"] as const;

/** What cannot be done, in one sentence. */
class Refusal extends Error {}

const readTemplate = (name: (typeof templates)[number]): string =>
  readFileSync(join(import.meta.dirname, "new-service", `${name}.template`), "utf8");

/** The service's name in every form that the templates ask for as `{{form}}`. */
function formsOf(service: string, given?: string) {
  const words = service.replaceAll("-", " ");
  const many = given?.replaceAll("-", " ") ?? plural(words);
  const Name = words.replaceAll(/(?:^| )(.)/g, (_, letter: string) => letter.toUpperCase());
  const name = Name[0]!.toLowerCase() + Name.slice(1);
  return { service, words, many, name, Name, path: many.replaceAll(" ", "-"), table: many.replaceAll(" ", "_") };
}
type Forms = ReturnType<typeof formsOf>;

const reserved: Readonly<Record<string, string>> = {
  demo: "it is the service that fills a new shop",
  detection: "it is NATS's user for failure detection",
  guest: "it is NATS's user for Moleculer nodes of others",
  live: "its events wake live streams",
  node: "it is Moleculer's own",
  streams: "it is NATS's user that makes streams",
};

/** True for a word that cannot name a constant beside those of the templates. */
function isTaken({ name, Name }: Forms): boolean {
  try {
    // Compiled, not run: a word of the language does not compile.
    void new Script(`"use strict"; async () => { const ${name} = 0; }`);
  } catch {
    return true;
  }
  const used = new Set(templates.flatMap((template) => readTemplate(template).match(/\w+/g) ?? []));
  return used.has(name) || used.has(Name);
}

/** The contract that has routes below this path already. */
const routed = (path: string): string | undefined =>
  globSync(["services/*/*.contract.ts", "mixins/**/*.ts"], { cwd: root }).find((file) =>
    new RegExp(`["\`][A-Z]+ /${path}["\`/]`).test(readFileSync(join(root, file), "utf8")),
  );

const isName = (word: string): boolean => /^[a-z]+(?:-[a-z]+)*$/.test(word) && word.length <= 40;

/** @throws Refusal */
function check(service: string, given?: string): Forms {
  if (!isName(service))
    throw new Refusal(`"${service}" cannot be a service: take lower-case words joined by hyphens, such as gift-card.`);
  if (given !== undefined && !isName(given))
    throw new Refusal(`"${given}" cannot be a plural: take lower-case words joined by hyphens, such as gift-cards.`);
  const forms = formsOf(service, given);
  if (existsSync(join(root, "services", service))) {
    throw new Refusal(`services/${service} exists: choose another name, or remove that folder first.`);
  }
  if (service in containers) throw new Refusal(`"${service}" is a stanza of docker-compose.yml: choose another name.`);
  if (reserved[service]) throw new Refusal(`"${service}" is reserved, for ${reserved[service]}: choose another name.`);
  if (isTaken(forms)) throw new Refusal(`"${service}" has a meaning in the code of a service: choose another name.`);
  const owner = routed(forms.path);
  if (owner) throw new Refusal(`/${forms.path} is a route of ${owner}: choose another name.`);
  return forms;
}

function write(forms: Forms): void {
  const { service, table } = forms;
  const folder = join(root, "services", service);
  const files = {
    [`${service}.contract.ts`]: "contract",
    [`${service}.service.ts`]: "service",
    [`${service}.repository.ts`]: "repository",
    [`${service}.service.spec.ts`]: "spec",
    [`migrations/0001_${table}.ts`]: "migration",
  } as const;
  mkdirSync(join(folder, "migrations"), { recursive: true });
  for (const [file, template] of Object.entries(files)) {
    const text = readTemplate(template).replaceAll(/\{\{(\w+)\}\}/g, (_, form: keyof Forms) => forms[form]);
    writeFileSync(join(folder, file), text);
  }
}

/** @throws Error with its output when the command fails */
function run(...command: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command.join(" ")} failed:\n${stdout}${stderr}`);
}

/** @throws Refusal */
function readArguments(): Forms {
  const usage = new Refusal("Usage: npm run new:service -- <name> [--plural <word>], such as wishlist.");
  try {
    const { positionals, values } = parseArgs({ options: { plural: { type: "string" } }, allowPositionals: true });
    const [service, ...others] = positionals;
    if (!service || others.length > 0) throw usage;
    return check(service, values.plural);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS") ? usage : error;
  }
}

try {
  const forms = readArguments();
  const { service } = forms;
  write(forms);
  // A long name breaks lines where a short one does not.
  run("node_modules/oxfmt/bin/oxfmt", `services/${service}`);
  run("scripts/generate.ts");
  console.log(`
  services/${service} is ready, and reachable at /api/v1/${forms.path}; docker-compose.yml runs it too

    ${"npm start".padEnd(`npm test services/${service}`.length)}    the platform with it
    npm test services/${service}    its spec

  Begin with services/${service}/${service}.contract.ts; CONTRIBUTING.md goes on from there.
`);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
