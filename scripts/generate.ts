/** Writes the files that follow from contracts and settings; with `--check` it only tells which of them drifted. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { errorCode } from "#core/contract.ts";
import type { Setting } from "#core/config.ts";
import { type ErrorDefinition, kinds, sharedErrors } from "#core/errors.ts";
import { contracts, modulesIn } from "#mixins/node/services.ts";
import type { Document } from "./client/api.ts";
import type { FieldNumbers } from "../services/grpc/proto.model.ts";
import { nginx } from "../deploy/topology.ts";
import { composeFile, composeSettings } from "./compose.ts";
import { natsGuests, natsUsers } from "./nats-users.ts";
import { nginxConfig } from "./nginx.ts";
import manifest from "../package.json" with { type: "json" };

const root = dirname(import.meta.dirname);
// Reading the settings must neither see this machine's nor leave keys in its data folder.
const scratch = mkdtempSync(join(tmpdir(), "madang-generate-"));
process.env.DATA_DIR = scratch;

/** As the gateway serves them: what nodes announce of their contracts. The typed client follows from the one of HTTP. */
async function documents(): Promise<(readonly [path: string, text: string])[]> {
  const [{ openapi }, { asyncapi }, { clientFiles }] = await Promise.all([
    import("../services/api/openapi.generator.ts"),
    import("../services/api/asyncapi.generator.ts"),
    import("./client/api.ts"),
  ]);
  const services = (await contracts()).map(({ errors = {}, ...rest }) => ({ ...rest, errors }));
  const text = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;
  const http = text(openapi(services, manifest.version));
  return [
    ["docs/openapi.json", http],
    ["docs/asyncapi.json", text(asyncapi(services, manifest.version))],
    ...clientFiles(JSON.parse(http) as Document),
  ];
}

function errorRow(code: string, { kind, title, advice }: ErrorDefinition): string {
  const { code: status, retryable } = kinds[kind];
  return `| \`${code}\` | ${status} | ${retryable ? "yes" : "no"} | ${title.en}<br>${title.ko} | ${advice.en}<br>${advice.ko} |\n`;
}

const errorTable = (title: string, rows: readonly string[]): string =>
  `\n## ${title}\n\n| code | status | retry | what happened | what to do |\n|---|---|---|---|---|\n${rows.join("")}`;

async function errorsDocument(): Promise<string> {
  const shared = Object.entries(sharedErrors).map(([code, definition]) => errorRow(code, definition));
  const tables = (await contracts()).flatMap(({ name, errors = {} }) => {
    // A shared code means the same everywhere.
    const own = Object.entries(errors).filter(([code]) => !(code in sharedErrors));
    return own.length > 0
      ? [
          errorTable(
            name,
            own.map(([code, one]) => errorRow(errorCode(name, code), one)),
          ),
        ]
      : [];
  });
  const head = `# Errors

Every failure is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem: \`code\` is stable, title and advice (\`detail\`) come in English or
Korean by \`Accept-Language\`. Retry: asking again later may succeed. This page is written by \`npm run generate\` from the contracts.
`;
  return `${head}${errorTable("Of any service", shared)}${tables.join("")}`;
}

const settingLines = ([name, { about, example }]: [string, Setting<unknown>]): string =>
  `# ${about}\n#${name}=${example}\n`;

/** Every setting by its owner, once everything that declares some is there. */
async function declaredSettings(): Promise<readonly (readonly [string, Record<string, Setting<unknown>>])[]> {
  await modulesIn("moleculer.config.ts");
  await modulesIn("services/*/*.service.ts");
  await modulesIn("{scripts/cluster/binaries,mixins/node/demo}.ts");
  const { declared } = await import("#core/config.ts");
  return [...declared].toSorted(([a], [b]) => a.localeCompare(b, "en"));
}

async function environmentExample(): Promise<string> {
  const sections = (await declaredSettings()).map(
    ([owner, settings]) => `## ${owner}\n${Object.entries(settings).map(settingLines).join("")}`,
  );
  const head = "# Every setting of the environment with its default.\n";
  return `${head}\n${sections.join("\n")}`;
}

const settingRow = ([name, { about, expected, example }]: [string, Setting<unknown>]): string => {
  const shown = [example === "" ? "" : `\`${example}\``, expected, about].map((cell) => cell.replaceAll("|", "\\|"));
  return `| \`${name}\` | ${shown.join(" | ")} |\n`;
};

async function configurationDocument(): Promise<string> {
  const tables = (await declaredSettings()).map(
    ([owner, settings]) =>
      `\n## ${owner}\n\n| variable | default | takes | what it does |\n|---|---|---|---|\n${Object.entries(settings).map(settingRow).join("")}`,
  );
  const head = `# Configuration

The environment alone decides. Every variable may also come from a file, as container secrets do: \`NAME_FILE\` names the file that
holds the value of \`NAME\`. A value that is wrong ends the start with one sentence that names the variable. This page is written by
\`npm run generate\` from the settings in the code.
`;
  return `${head}${tables.join("")}`;
}

/**
 * The service that has the routes below the first part of a path, which no other may announce; `*` where several have, each
 * below its own name. A single route that another service has there stands by its whole path, and so do the parts of what is
 * kept about a person.
 */
async function routeOwners(): Promise<string> {
  const routes = (await contracts()).flatMap(({ name, actions }) =>
    Object.values(actions).flatMap(({ rest }) => {
      if (!rest) return [];
      const path = rest.slice(rest.indexOf("/") + 1);
      const [first, second] = path.split("/");
      return [{ name, path, first: first!, isNamed: second === name }];
    }),
  );
  const entries = [...Map.groupBy(routes, ({ first }) => first)].flatMap(([first, own]) => {
    const owner = own.find(({ path }) => path === first)?.name ?? own[0]!.name;
    const others = own.filter(({ name }) => name !== owner);
    if (others.length > 0 && own.every(({ isNamed }) => isNamed)) return [[first, "*"] as const];
    return [[first, owner] as const, ...others.map(({ path, name }) => [path, name] as const)];
  });
  const parts = (await contracts()).flatMap(({ name, actions }) =>
    Object.values(actions).flatMap(({ export: part }) => (part ? [[`users/me/export#${part}`, name] as const] : [])),
  );
  const sorted = [...entries, ...parts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** The .proto files of the gRPC gateway, and the numbers of all fields that they have or had. */
async function protoFiles(): Promise<(readonly [path: string, text: string])[]> {
  const [{ protoOf }, { protoText }] = await Promise.all([
    import("../services/grpc/proto.model.ts"),
    import("../services/grpc/proto.text.ts"),
  ]);
  const lock = "services/grpc/proto.lock.json";
  const before = JSON.parse(readFileSync(join(root, lock), "utf8")) as FieldNumbers;
  const { files, numbers } = protoOf(await contracts(), before);
  const sorted = Object.fromEntries(Object.entries(numbers).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return [
    [lock, `${JSON.stringify(sorted, null, 2)}\n`],
    ...files.map((file) => [`clients/proto/${file.path}`, protoText(file)] as const),
  ];
}

/** By which a gateway knows the inputs of its release. */
async function routeSchemas(): Promise<string> {
  const { fingerprint } = await import("#mixins/gateway/announced.ts");
  const inputs = (await contracts()).flatMap(({ actions }) =>
    Object.values(actions).flatMap(({ rest, input }) => (rest ? [fingerprint(input)] : [])),
  );
  return `${JSON.stringify([...new Set(inputs)].toSorted(), null, 2)}\n`;
}

/** The names of permissions: every action that staff may call. */
async function permissions(): Promise<string> {
  const names = (await contracts()).flatMap(({ name, actions }) =>
    Object.entries(actions).flatMap(([action, { auth, seenByStaff = false }]) =>
      auth === "staff" || seenByStaff ? [`${name}.${action}`] : [],
    ),
  );
  return `${JSON.stringify(names.toSorted(), null, 2)}\n`;
}

function isCurrent(path: string, text: string): boolean {
  try {
    return readFileSync(join(root, path), "utf8") === text;
  } catch {
    return false;
  }
}

const files: readonly (readonly [path: string, text: string])[] = [
  ...(await documents()),
  ["docs/errors.md", await errorsDocument()],
  ["docs/configuration.md", await configurationDocument()],
  [".env.example", await environmentExample()],
  ["services/api/owners.generated.json", await routeOwners()],
  ["mixins/gateway/schemas.generated.json", await routeSchemas()],
  ["services/user/permissions.generated.json", await permissions()],
  ...(await protoFiles()),
  ["deploy/nats.users.conf", natsUsers(await contracts())],
  ["deploy/nats.guests.conf", natsGuests(await contracts())],
  ["docker-compose.yml", composeFile()],
  ["deploy/.env.example", composeSettings()],
  ["deploy/nginx/nginx.conf", nginxConfig(nginx)],
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
