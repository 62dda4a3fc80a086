/** Programs of other languages, as the specs of clients run them. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs a program to its end. @throws Error with all that it printed when it fails */
export async function run(directory: string, program: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const [output, faults, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}\n${output}\n${faults}`);
  return output.trim();
}

/** `it`, or `it.skip` with the reason printed where a program is not on this machine. */
export function itWith(program: string, ...args: readonly string[]): jest.It {
  if (spawnSync(program, args, { stdio: "ignore" }).status === 0) return it;
  process.stdout.write(`Skipped: ${program} is not on this machine.\n`);
  return it.skip;
}
