/** Reports names in .env that no setting has, because they are typing errors. Needs only Node 20. */
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

/** @throws Error in one sentence when what is there is no file that can be read */
function contentOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw new Error(`.env cannot be read (${error.code}): it must be a file that this account may read.`, {
      cause: error,
    });
  }
}

/**
 * Arguments with which Node takes the settings of the file, if there is one; the environment wins.
 * Not `--env-file-if-exists`: where the file is missing, a watching Node (24.21) aborts when it ends.
 * @throws Error in one sentence when the file cannot be read as what it says
 */
export function readSettings(root) {
  const content = contentOf(join(root, ".env"));
  if (content === "") return [];
  // Node would take it for a part of the first name.
  if (content.startsWith("\ufeff"))
    throw new Error(".env begins with a byte order mark, which hides its first setting: save it without one.");
  const names = known(root);
  const strange = namesIn(content).filter((name) => !names.has(name) && !/^(?:COMPOSE|DOCKER)_/.test(name));
  if (strange.length > 0)
    console.error(`.env has what no setting is called, and it is not read: ${strange.join(", ")} (see .env.example).`);
  return ["--env-file=.env"];
}
