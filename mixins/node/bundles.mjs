/**
 * typebox and kysely have 940 files, which took a fifth of a start to load. `npm` commands make bundles of them (scripts/bundle.mjs),
 * and a process that calls `loadBundles` loads those instead (ADR 0108). Without bundles it loads the packages' own files.
 */
import { existsSync, realpathSync } from "node:fs";
import module from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Packages of ES modules that import no other package. */
export const packages = ["typebox", "kysely"];

/** It lies within the package, so npm removes it together with the version that it was made of. */
export const folderOf = (name) => new URL(`../../node_modules/${name}/bundle/`, import.meta.url);

/** The name of the bundle's file for an entry of the package's `exports`, such as `./migration`. */
export const fileOf = (entry) => (entry === "." ? "index" : entry.slice(2));

/** Called before the code is loaded that imports these packages, and once in a process. */
export function loadBundles() {
  const made = packages.filter((name) => existsSync(folderOf(name)));
  if (made.length === 0) return;
  const urls = new Map();
  const urlOf = (specifier) => {
    const name = made.find((one) => specifier === one || specifier.startsWith(`${one}/`));
    if (name === undefined) return null;
    const path = fileURLToPath(new URL(`${fileOf(`.${specifier.slice(name.length)}`)}.js`, folderOf(name)));
    // The real path, as Node's own is: the compile cache knows a module by it.
    return existsSync(path) ? pathToFileURL(realpathSync(path)).href : null;
  };
  module.registerHooks({
    resolve(specifier, context, next) {
      let url = urls.get(specifier);
      if (url === undefined) urls.set(specifier, (url = urlOf(specifier)));
      return url === null ? next(specifier, context) : { url, format: "module", shortCircuit: true };
    },
  });
}
