/** A data folder on a disk of its own that a test can fill: a small tmpfs where it may mount one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeSync, openSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BLOCK = Buffer.alloc(65_536);

export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @returns null where nothing may be mounted (it takes root) */
  static make(megabytes: number): SmallDisk | null {
    const path = mkdtempSync(join(tmpdir(), "madang-disk-"));
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
    if (status === 0) return new SmallDisk(path);
    rmSync(path, { recursive: true });
    return null;
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(join(this.path, "filler"), "a");
    try {
      for (let size = BLOCK.length; size >= 1; size = size > 1 ? Math.floor(size / 2) : 0)
        try {
          for (;;) if (writeSync(file, BLOCK, 0, size) < size) break;
        } catch {
          // Full for blocks of this size: smaller ones may fit.
        }
    } finally {
      closeSync(file);
    }
  }

  makeRoom(): void {
    rmSync(join(this.path, "filler"), { force: true });
  }

  dispose(): void {
    spawnSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
