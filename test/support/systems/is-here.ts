/** Servers, and programs of other languages, that not every machine has. */
import { ConfigError } from "#core/config.ts";

/** False where a program is missing: the reason is printed, and stands among the results as a spec that is yet to run. */
export function isHere(find: () => string): boolean {
  try {
    find();
    return true;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stdout.write(`Skipped: ${error.message}\n`);
    it.todo(error.message);
    return false;
  }
}
