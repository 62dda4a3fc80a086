/** How a node's process is run: what it starts, and within which memory. */

const node = ["scripts/serve.ts", "--config", "moleculer.config.ts"];

/** Arguments of Node. A small heap that is collected more often keeps a whole platform below 250 MB. */
export const serve = ["--max-semi-space-size=4", "--max-old-space-size=256", ...node];

/** The same for a process with one service, which has room for the garbage of one busy second: a twentieth less work. */
export const serveOne = ["--max-semi-space-size=16", "--max-old-space-size=256", ...node];

export const services = "services/**/*.service.ts";

/** glibc keeps a memory pool for each thread; two are enough for one busy thread and its helpers. */
export const environment = { MALLOC_ARENA_MAX: "2" };
