/** Compares the .proto files with those of earlier commits: a client that was built from them must still be understood. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FOLDER = "clients/proto";

const run = (command: string, ...args: string[]) => spawnSync(command, args, { encoding: "utf8" });
const commitOf = (...args: string[]): string => run("git", ...args).stdout?.trim() ?? "";

/** Where this branch left main, and what was there before the last commit and before the changes at hand. */
const commits = [
  ...new Set([
    commitOf("merge-base", "HEAD", "main"),
    commitOf("rev-parse", "--verify", "--quiet", "HEAD~1"),
    commitOf("rev-parse", "--verify", "--quiet", "HEAD"),
  ]),
].filter((commit) => commit !== "" && commitOf("ls-tree", commit, FOLDER) !== "");

const folder = mkdtempSync(join(tmpdir(), "madang-proto-"));
for (const commit of commits) {
  const archive = join(folder, `${commit}.tar`);
  run("git", "archive", `--output=${archive}`, `--prefix=${commit}/`, commit, FOLDER);
  run("tar", "-xf", archive, "-C", folder);
  const { status, stdout, stderr } = run(
    process.execPath,
    "node_modules/@bufbuild/buf/bin/buf",
    "breaking",
    FOLDER,
    "--against",
    join(folder, commit, FOLDER),
  );
  if (status === 0) continue;
  console.error(`Clients that were built from ${commit.slice(0, 12)} would not be understood:\n${stdout}${stderr}`);
  process.exitCode = 1;
}
rmSync(folder, { recursive: true, force: true });
