import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privileges } from "../../scripts/cluster/postgres.binaries.ts";

const whenRoot = process.getuid?.() === 0 ? it : it.skip;

describe("PostgreSQL that root starts", () => {
  whenRoot("finds its programs in a folder that is closed to others, such as root's home", () => {
    const folder = mkdtempSync(join(tmpdir(), "madang-closed-"));
    const program = join(folder, "program");
    writeFileSync(program, "", { mode: 0o755 });
    // access(2), as initdb asks.
    const ask = ["-e", `require("node:fs").accessSync(${JSON.stringify(program)}, require("node:fs").constants.X_OK)`];
    const { status, stderr } = spawnSync("setpriv", [...privileges, "--", process.execPath, ...ask], {
      encoding: "utf8",
      env: {},
    });
    rmSync(folder, { recursive: true });
    expect([status, stderr]).toEqual([0, ""]);
  });
});
