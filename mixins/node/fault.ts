/** How a command ends that cannot do its work. */
import type { BrokerOptions, Middleware } from "moleculer";
import { say } from "./say.ts";

const isSentence = (error: unknown): boolean => error instanceof Error && error.name === "ConfigError";

/** Shows what the user can mend as one sentence, all else with its stack, and ends the process with code 1. */
export function giveUp(error: unknown): never {
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  say(isSentence(error) ? message : stack, "fatal");
  process.exit(1);
}

/** Moleculer would log, with its stack, what `giveUp` tells in a sentence. */
const toldBefore: Middleware = {
  name: "ToldOnce",
  created({ logger }) {
    const { error } = logger;
    logger.error = (...words: unknown[]) => {
      if (!words.some(isSentence)) error(...words);
    };
  },
};

/** Options of a broker whose command ends by `giveUp`. */
export const toldOnce = (options: BrokerOptions): BrokerOptions => ({
  ...options,
  middlewares: [...(options.middlewares ?? []), toldBefore],
});
