/** Messages as files in the data folder: what development and tests read instead of a phone. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDir, dataPath } from "#core/config.ts";

/**
 * Writes `<DATA_DIR>/<folder>/<name>` so that whoever sees the file sees all of it; a repeat replaces it. At once: the four
 * tasks for other threads that it would be otherwise cost several times more than the writing.
 */
export function writeWhole(folder: string, name: string, content: string | Buffer): void {
  const path = dataPath(folder, name);
  const draft = drafted(path);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

const drafted = (path: string): string => `${path}.draft`;

/** Removes what stands for one message on any channel, and what a crash left of it. */
export function removeFiles(id: string): void {
  for (const path of [`mail/${id}.eml`, `sms/${id}.json`, `push/${id}.json`])
    for (const one of [path, drafted(path)]) rmSync(join(dataDir(), one), { force: true });
}

/** Writes the same as JSON. */
export const writeJson = (folder: string, name: string, content: object): void =>
  writeWhole(folder, `${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
