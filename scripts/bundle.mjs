/** Makes bundles of the packages whose many files take long to load: one file for each entry, and what entries share in others. */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fileOf, folderOf, packages } from "../mixins/node/bundles.mjs";

async function bundle(name) {
  const folder = fileURLToPath(folderOf(name));
  const own = JSON.parse(readFileSync(new URL("../package.json", folderOf(name)), "utf8"));
  const entries = Object.keys(own.exports).map((entry) => [fileOf(entry), `${name}${entry.slice(1)}`]);
  const { build } = await import("esbuild");
  const making = `${folder.slice(0, -1)}-${process.pid}`;
  try {
    await build({
      entryPoints: Object.fromEntries(entries),
      outdir: making,
      bundle: true,
      // Entries share their modules, whose state must exist once.
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node24",
      logLevel: "silent",
    });
    renameSync(making, folder);
  } catch (error) {
    // Another command was quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

const isMissing = (name) => existsSync(new URL("..", folderOf(name))) && !existsSync(folderOf(name));

/** Makes those that are missing. What cannot be made is told: everything works without, only slower. */
export async function makeBundles() {
  for (const name of packages.filter(isMissing)) {
    try {
      await bundle(name);
    } catch (error) {
      console.error(`${name} is loaded file by file, which makes starts slower: ${error.message}`);
    }
  }
}

if (import.meta.filename === process.argv[1]) await makeBundles();
