/** The sample film: every new platform shows one. ffmpeg makes it when everything else has started. */
import type { Demo } from "#mixins/node/demo.ts";

export const demo: Demo = async (ctx) => {
  await ctx.call("content.seed", {});
  return [];
};
