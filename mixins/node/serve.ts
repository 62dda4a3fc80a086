/** The entry of a node's process. */
import { loadBundles } from "./bundles.mjs";
import { giveUp } from "./fault.ts";

loadBundles();

// Settings are checked where they are declared, so that also loading the code may find a fault.
import("./process.ts").then(({ serve }) => serve()).catch(giveUp);
