/** What a person wrote into .env and nobody reads is a typing error, and is told. Needs only Node 20. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Names that the file sets; also of lines that Node would pass over in silence. */
function namesIn(text) {
  const values = text.replaceAll(/(?<==\s*)(["'`])[^]*?\1/g, "");
  return values
    .split("\n")
    .map((line) => line.replace(/^\s*(?:export\s+)?/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => /^([\w.-]+)\s*=/.exec(line)?.[1] ?? line.slice(0, 40));
}

const read = (path) => (existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : "");

/** Settings by `.env.example`, which is generated from all of them, and what docker compose takes from the same file. */
function known(root) {
  const settings = [...read(join(root, ".env.example")).matchAll(/^#?(\w+)=/gm)].map(([, name]) => name);
  const compose = [...read(join(root, "docker-compose.yml")).matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  return new Set([...settings, ...settings.map((name) => `${name}_FILE`), ...compose, "NODE_ENV", "TZ"]);
}

export const hasFile = (root) => read(join(root, ".env")) !== "";

export function warnOfUnknown(root) {
  const names = known(root);
  const strange = namesIn(read(join(root, ".env"))).filter(
    (name) => !names.has(name) && !/^(?:COMPOSE|DOCKER)_/.test(name),
  );
  if (strange.length === 0) return;
  console.error(`.env has what no setting is called, and it is not read: ${strange.join(", ")} (see .env.example).`);
}
