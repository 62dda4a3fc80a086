/** How a command ends that cannot do its work. */

/** Shows what the user can mend as one sentence, all else with its stack, and ends the process with code 1. */
export function giveUp(error: unknown): never {
  console.error(error instanceof Error && error.name === "ConfigError" ? error.message : error);
  process.exit(1);
}
