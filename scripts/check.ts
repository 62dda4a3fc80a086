/** Runs all static checks in turn, one line each; the output of a check is shown only when it fails. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const sources = [
  "moleculer.config.ts",
  "mixins",
  "services",
  "deploy",
  "scripts",
  "test",
  "bench",
  "clients/typescript/src",
].filter((path) => existsSync(path));

const checks: readonly (readonly [name: string, ...command: string[]])[] = [
  ["types", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["lint", "node_modules/oxlint/bin/oxlint"],
  ["format", "node_modules/oxfmt/bin/oxfmt", "--check"],
  [
    "dependencies",
    "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
    "--output-type",
    "err-long",
    ...sources,
  ],
  ["generated files", "scripts/generate.ts", "--check"],
  ["kept contracts", "scripts/breaking.ts"],
  // Packages and programs that knip.json passes over are started by their names, or loaded by Moleculer.
  ["dead code", "node_modules/knip/bin/knip.js"],
];

let failed = 0;
for (const [name, ...command] of checks) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name.padEnd(16)} ${seconds} s`);
  if (status === 0) continue;
  failed += 1;
  process.stdout.write(`${stdout}${stderr}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
