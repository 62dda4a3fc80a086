/** How a command ends that cannot do its work. */
import { say } from "./say.ts";

/** Shows what the user can mend as one sentence, all else with its stack, and ends the process with code 1. */
export function giveUp(error: unknown): never {
  const { name, message, stack = message } = error instanceof Error ? error : new Error(String(error));
  say(name === "ConfigError" ? message : stack, "fatal");
  process.exit(1);
}
