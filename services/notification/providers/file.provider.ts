/** Messages as files in the data folder: what development and tests read instead of a phone. */
import { rename, writeFile } from "node:fs/promises";
import { dataPath } from "#core/config.ts";

/** Writes `<DATA_DIR>/<folder>/<name>` so that whoever sees the file sees all of it; a repeat replaces it. */
export async function writeWhole(folder: string, name: string, content: string | Buffer): Promise<void> {
  const path = dataPath(folder, name);
  const draft = `${path}.draft`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, path);
}

/** Writes the same as JSON. */
export const writeJson = (folder: string, name: string, content: object): Promise<void> =>
  writeWhole(folder, `${name}.json`, `${JSON.stringify(content, null, 2)}\n`);
