/** What a new service needs in docker-compose.yml: a stanza, the secrets it reads, its database's for PostgreSQL, and its number of nodes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const path = join(import.meta.dirname, "../../docker-compose.yml");
const settingsPath = join(import.meta.dirname, "../../deploy/.env.example");

/** True for what docker-compose.yml runs under that name. */
export const hasStanza = (name: string): boolean => new RegExp(`^  ${name}:$`, "m").test(readFileSync(path, "utf8"));

/** The variable of .env that holds how many nodes a service has. */
const replicasOf = (service: string): string => `${service.replaceAll("-", "_").toUpperCase()}_REPLICAS`;

const stanza = (service: string, database: string): string => `
  ${service}:
    <<: *node
    deploy: { <<: *deploy, replicas: "\${${replicasOf(service)}:-1}" }
    environment:
      <<: *settings
      SERVICES: ${service}
      TRANSPORTER_FILE: /run/secrets/${service}_transporter
      DATABASE_URL_FILE: /run/secrets/${database}
    secrets: [${service}_transporter, ${database}, nats_system_url, redis_url, service_key, token_public_key]
`;

/** Puts `text` behind the last match of `pattern`. @throws Error when there is none */
function addBehind(whole: string, pattern: RegExp, text: string): string {
  const last = [...whole.matchAll(pattern)].at(-1);
  if (!last)
    throw new Error(`There is nothing like ${pattern} in what scripts/new-service/compose.ts adds to any more.`);
  const end = last.index + last[0].length;
  return whole.slice(0, end) + text + whole.slice(end);
}

const sorted = (lines: string): string =>
  lines
    .split(/(?<=\n)/)
    .toSorted()
    .join("");

/** Adds a service that has a database; deploy/secrets.mjs makes what the secrets name. */
export function addToCompose(service: string): void {
  const database = `${service.replaceAll("-", "_")}_database_url`;
  const secret = (name: string) => `  ${name}: { file: deploy/secrets/${name} }\n`;
  let text = readFileSync(path, "utf8");
  // The last stanza of a service, up to the empty line behind it.
  text = addBehind(text, /^      SERVICES: .+\n(?:.+\n)*/gm, stanza(service, database));
  // PostgreSQL's stanza comes after those of the services.
  text = addBehind(text, /^      - \w+_database_url\n/gm, `      - ${database}\n`);
  text = addBehind(text, /^secrets:\n/gm, secret(database) + secret(`${service}_transporter`));
  const settings = readFileSync(settingsPath, "utf8");
  writeFileSync(settingsPath, addBehind(settings, /^#\w+_REPLICAS=\d+\n/gm, `#${replicasOf(service)}=1\n`));
  writeFileSync(path, text.replace(/(?<=^secrets:\n)(?:  .+\n)+/m, sorted));
}
