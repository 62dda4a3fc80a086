/** Messages as files in the data folder. In development and tests they replace the phone. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataDir, dataPath } from "#core/config.ts";
import { removeMessage } from "#mixins/node/mailbox.ts";

/**
 * Writes `<DATA_DIR>/<folder>/<name>`. The file appears complete or not at all, and a repeat replaces it. Writing is
 * synchronous, because four asynchronous steps would cost several times more than the writing itself.
 */
export function writeWhole(folder: string, name: string, content: string | Buffer): void {
  const path = dataPath(folder, name);
  const draft = drafted(path);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
}

const drafted = (path: string): string => `${path}.draft`;

/** Removes the files of one message on all channels, including the remains of a crash. */
export function removeFiles(id: string): void {
  for (const path of [`mail/${id}.eml`, `sms/${id}.json`, `push/${id}.json`])
    for (const one of [path, drafted(path)]) rmSync(join(dataDir(), one), { force: true });
  removeMessage(id);
}

export const writeJson = (folder: string, name: string, content: object): void =>
  writeWhole(folder, `${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
