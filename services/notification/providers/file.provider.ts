/** Messages as files in the data folder: what development and tests read instead of a phone. */
import { renameSync, writeFileSync } from "node:fs";
import { dataPath } from "#core/config.ts";

/**
 * Writes `<DATA_DIR>/<folder>/<name>` so that whoever sees the file sees all of it; a repeat replaces it. At once: the four
 * tasks for other threads that it would be otherwise cost several times more than the writing.
 */
export function writeWhole(folder: string, name: string, content: string | Buffer): void {
  const path = dataPath(folder, name);
  const draft = `${path}.draft`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

/** Writes the same as JSON. */
export const writeJson = (folder: string, name: string, content: object): void =>
  writeWhole(folder, `${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
