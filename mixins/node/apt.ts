/** How packages of Debian are installed where that is possible: as root. */
import { openSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The program that installs these packages, and its arguments. Two processes may want that at once, and apt gives up when
 * another runs: flock(1) lets the second wait.
 */
export function aptInstall(packages: readonly string[]): readonly [program: string, args: string[]] {
  const apt = "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -y -qq";
  const install = `${apt} install --no-install-recommends ${packages.join(" ")}`;
  const lock = join(tmpdir(), "madang-apt.lock");
  openSync(lock, "a");
  return ["flock", [lock, "sh", "-c", `${install} || { ${apt} update && ${install}; }`]];
}
