/** Whether a process is there, asked of the system. */
import { readFileSync } from "node:fs";

/** False also for one that has ended and that nobody has collected, as in containers without an init. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    // proc(5): the state follows the name, which is in parentheses.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // Without /proc the first answer counts; with it, the process has just gone.
    return process.platform !== "linux";
  }
}
