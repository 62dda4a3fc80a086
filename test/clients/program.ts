/** Programs of other languages, as the specs of clients run them. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { ConfigError } from "#core/config.ts";

/** Runs a program to its end. @throws Error with all that it printed when it fails */
export async function run(directory: string, program: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const [output, faults, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}\n${output}\n${faults}`);
  return output.trim();
}

/** Its name, when it runs with these words. @throws ConfigError when it is not on this machine */
export function findProgram(name: string, ...args: readonly string[]): string {
  if (spawnSync(name, args, { stdio: "ignore" }).status === 0) return name;
  throw new ConfigError(`${name} is not on this machine.`);
}
