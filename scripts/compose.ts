/** docker-compose.yml and deploy/.env.example: what is written by hand in deploy/templates/, and the services of the topology. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withDatabase } from "#mixins/node/services.ts";
import { nodeSecrets, type Placement, placements, serverSecrets } from "../deploy/topology.ts";

const root = join(import.meta.dirname, "..");

const template = (name: string): string => readFileSync(join(root, "deploy/templates", name), "utf8");

/** Puts each text in the place of the line `# {{name}}`, whose indentation it has already. @throws Error when there is no such line */
const filled = (text: string, parts: Readonly<Record<string, string>>): string =>
  Object.entries(parts).reduce((whole, [name, part]) => {
    const line = new RegExp(`^ *# \\{\\{${name}\\}\\}\\n`, "m");
    if (!line.test(whole)) throw new Error(`A template of deploy/templates has no line # {{${name}}}.`);
    return whole.replace(line, () => part);
  }, text);

/** True for what the template of docker-compose.yml runs under that name. */
export const hasStanza = (name: string): boolean =>
  new RegExp(`^  ${name}:(?: &\\w+)?$`, "m").test(template("docker-compose.yml"));

const placementOf = (service: string): Placement => (placements as Readonly<Record<string, Placement>>)[service] ?? {};

/** The variable of .env that holds how many nodes a service has. */
const replicasOf = (service: string): string => `${service.replaceAll("-", "_").toUpperCase()}_REPLICAS`;
const databaseOf = (service: string): string => `${service.replaceAll("-", "_")}_database_url`;
const file = (secret: string): string => `/run/secrets/${secret}`;

/** By setting the secrets that only this service has. */
const ownSecrets = (service: string): Readonly<Record<string, string>> => ({
  TRANSPORTER: `${service}_transporter`,
  ...(withDatabase([service]).length > 0 && { DATABASE_URL: databaseOf(service) }),
  ...placementOf(service).secrets,
});

const lines = (indent: number, items: readonly string[]): string =>
  items.map((item) => `${" ".repeat(indent)}${item}\n`).join("");

function stanza(service: string): string {
  const { nodes = 1, settings = {}, volumes = [], isOutbound, isBuilt, remark } = placementOf(service);
  const secrets = Object.entries(ownSecrets(service));
  return lines(0, [
    `  ${service}:`,
    "    <<: *node",
    ...(isBuilt ? ["    build: { context: ., dockerfile: deploy/Dockerfile }"] : []),
    `    deploy: { <<: *deploy, replicas: "\${${replicasOf(service)}:-${nodes}}" }`,
    "    environment:",
    "      <<: *settings",
    `      SERVICES: ${service}`,
    ...Object.entries(settings).map(([name, value]) => `      ${name}: ${value}`),
    ...secrets.map(([name, secret]) => `      ${name}_FILE: ${file(secret)}`),
    "    secrets:",
    ...[...secrets.map(([, secret]) => secret), ...nodeSecrets].map((secret) => `      - ${secret}`),
    ...(remark ? [`    # ${remark}`] : []),
    ...(volumes.length > 0 ? [`    volumes: ["${volumes.join('", "')}"]`] : []),
    ...(isOutbound ? ["    networks: [backend, edge]"] : []),
    "",
  ]);
}

/** In the order of the topology, then those that it does not name. */
function ordered(services: readonly string[]): readonly string[] {
  const named = Object.keys(placements).filter((name) => services.includes(name));
  return [...named, ...services.filter((name) => !named.includes(name))];
}

export function composeFile(services: readonly string[]): string {
  const secrets = [
    ...services.flatMap((service) => Object.values(ownSecrets(service))),
    ...nodeSecrets,
    ...serverSecrets,
  ];
  return filled(template("docker-compose.yml"), {
    services: ordered(services).map(stanza).join(""),
    databases: lines(
      6,
      withDatabase(ordered(services)).map((service) => `- ${databaseOf(service)}`),
    ),
    secrets: lines(
      2,
      [...new Set(secrets)].toSorted().map((secret) => `${secret}: { file: deploy/secrets/${secret} }`),
    ),
  });
}

export const composeSettings = (services: readonly string[]): string =>
  filled(template("env.example"), {
    replicas: lines(
      0,
      ordered(services).map((service) => `#${replicasOf(service)}=${placementOf(service).nodes ?? 1}`),
    ),
  });
