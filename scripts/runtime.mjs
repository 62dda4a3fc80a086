/** How a node's process is run: what it starts, and within which memory. */

const node = ["scripts/serve.ts", "--config", "moleculer.config.ts"];

/** Arguments of Node. A small heap that is collected more often keeps a whole platform below 250 MB. */
export const serve = ["--max-semi-space-size=4", "--max-old-space-size=256", ...node];

/**
 * The same for a process with one service, which has room: its young objects live until the requests of a busy second
 * are answered, and its old ones may triple before they are looked through. About a tenth less work.
 */
export const serveOne = [
  "--min-semi-space-size=16",
  "--max-semi-space-size=32",
  "--heap-growing-percent=200",
  "--max-old-space-size=256",
  ...node,
];

export const services = "services/**/*.service.ts";

/** glibc keeps a memory pool for each thread; two are enough for one busy thread and its helpers. */
export const environment = { MALLOC_ARENA_MAX: "2" };
