/** The entry of `npm run cluster`. */
import { giveUp } from "#mixins/node/fault.ts";

// Settings are checked where they are declared, so that also loading the code may find a fault.
import("./command.ts").then(({ command }) => command(process.argv.slice(2))).catch(giveUp);
