/**
 * Compares what clients and subscribers rely on with that of earlier commits: routes, events and .proto files. Who was built
 * against one of them must still be understood.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventBreaks } from "./breaking/events.ts";
import { type OpenApi, restBreaks } from "./breaking/rest.ts";

const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
const git = (...args: string[]): string => run("git", ...args).stdout?.trim() ?? "";

/** A document of the project, as it was in a commit. */
function comparing<T>(path: string, breaksOf: (before: T, now: T) => string[]) {
  return (commit: string): string[] => {
    const before = git("show", `${commit}:${path}`);
    if (before === "" || !existsSync(path)) return [];
    return breaksOf(JSON.parse(before) as T, JSON.parse(readFileSync(path, "utf8")) as T);
  };
}

const today = new Date().toISOString().slice(0, 10);
const PROTO = "clients/proto";

function protoBreaks(commit: string): string[] {
  if (git("ls-tree", commit, PROTO) === "") return [];
  const folder = mkdtempSync(join(tmpdir(), "madang-proto-"));
  try {
    const archive = join(folder, "before.tar");
    run("git", "archive", `--output=${archive}`, commit, PROTO);
    run("tar", "-xf", archive, "-C", folder);
    const buf = "node_modules/@bufbuild/buf/bin/buf";
    const { status, stdout, stderr } = run(process.execPath, buf, "breaking", PROTO, "--against", join(folder, PROTO));
    return status === 0 ? [] : `${stdout}${stderr}`.trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const comparisons = [
  comparing("docs/openapi.json", (before: OpenApi, now: OpenApi) => restBreaks(before, now, today)),
  comparing("docs/asyncapi.json", eventBreaks),
  protoBreaks,
];

/** Where this branch left main, and what was there before the last commit and before the changes at hand. */
const commits = new Set(
  [
    git("merge-base", "HEAD", "main"),
    git("rev-parse", "--verify", "--quiet", "HEAD~1"),
    git("rev-parse", "--verify", "--quiet", "HEAD"),
  ].filter((commit) => commit !== ""),
);

const told = new Set<string>();
for (const commit of commits) {
  const breaks = comparisons.flatMap((breaksOf) => breaksOf(commit)).filter((one) => !told.has(one));
  if (breaks.length === 0) continue;
  for (const one of breaks) told.add(one);
  console.error(`Who relies on ${commit.slice(0, 12)} would not be understood any more:\n${breaks.join("\n")}`);
  process.exitCode = 1;
}
