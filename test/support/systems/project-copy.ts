/** A copy of the project for what changes its files; its packages are only linked. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../fixtures/source.ts";

/** All that a service needs around it. */
const parts = [
  ".dependency-cruiser.mjs",
  ".dockerignore",
  ".gitignore",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "deploy",
  "docker-compose.yml",
  "jest.config.js",
  "mixins",
  "moleculer.config.ts",
  "package.json",
  "scripts",
  "services",
  "test",
  "tsconfig.json",
];

export class ProjectCopy {
  readonly path = mkdtempSync(join(tmpdir(), "madang-copy-"));

  constructor() {
    for (const part of parts) cpSync(join(root, part), join(this.path, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"));
  }

  /** Runs Node in it, as the launcher would. */
  run(...command: readonly string[]): { readonly status: number | null; readonly output: string } {
    const env = { ...process.env, NODE_OPTIONS: "--experimental-vm-modules --disable-warning=ExperimentalWarning" };
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: this.path, env, encoding: "utf8" });
    return { status, output: `${stdout}${stderr}`.trim() };
  }

  /** @throws Error with the output when the command fails */
  pass(...command: readonly string[]): void {
    const { status, output } = this.run(...command);
    if (status !== 0) throw new Error(output);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
