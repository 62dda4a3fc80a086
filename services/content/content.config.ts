/** The content service's settings. */
import { availableParallelism } from "node:os";
import { count, dataPath, defineConfig, host, oneOf, optional, port, text } from "#core/config.ts";

export const config = defineConfig("content", {
  FFMPEG_BIN: optional(text("Program of ffmpeg, when it is not in the PATH.")),
  FFPROBE_BIN: optional(text("Program of ffprobe, when it is not in the PATH.")),
  CONTENT_ENCODERS: optional(
    count("Chunks of films that a node encodes at once; 0 for none. By default one for two processors.", undefined, {
      most: 256,
    }),
  ),
  CONTENT_ENCODER_THREADS: count("Threads of one encoder, the same on all nodes: what they write depends on it.", 2, {
    least: 1,
    most: 64,
  }),
  CONTENT_ENCODER_MEMORY: count("Megabytes of memory that one encoder may take.", 4096, { least: 256 }),
  CONTENT_ENCODER_NICE: count("How far encoders stand back behind everything else on their machine.", 10, { most: 19 }),
  CONTENT_PRESET: oneOf(
    ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"],
    "x264's preset: the slower, the better a picture of the same size.",
    "veryfast",
  ),
  CONTENT_CHUNK: count("Seconds of a film that are encoded at a time.", 60, { least: 4, most: 600 }),
  CONTENT_LARGEST: count("Megabytes of the largest film that is taken.", 50_000, { least: 1, most: 5_000_000 }),
  CONTENT_LONGEST: count("Minutes of the longest film that is taken.", 360, { least: 1, most: 1440 }),
  CONTENT_UPLOADS: optional(
    text(
      "Folder for films that are being uploaded, shared by all nodes that take uploads; by default one in DATA_DIR.",
    ),
  ),
  CONTENT_PORT: optional(
    port(
      "Port for uploads, such as 4100; 0 for any free one. Without it, they come to the HTTP gateway of the process.",
    ),
  ),
  CONTENT_HOST: host("Address that takes uploads on CONTENT_PORT; 0.0.0.0 inside a container.", "127.0.0.1"),
  CONTENT_SCRATCH: optional(text("Folder for what is being encoded; by default one in DATA_DIR.")),
});

/** How many chunks this node encodes at once. */
export const encoders = (): number => config.CONTENT_ENCODERS ?? Math.max(1, Math.floor(availableParallelism() / 2));

/** The folder with one folder for each node, for what is being encoded. */
export const scratchFolder = (): string => config.CONTENT_SCRATCH ?? dataPath("encoding", ".");

/** The folder of films that are being uploaded. */
export const uploadsFolder = (): string => config.CONTENT_UPLOADS ?? dataPath("uploads", ".");
