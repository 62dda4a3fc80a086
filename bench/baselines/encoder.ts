/** The content service with one encoder: encodes the film of its argument, and tells its parent the cost. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EncodingService } from "../../test/support/systems/encoding-service.ts";
import { costOf } from "../support/cost.ts";

/** As the settings are by default, except that nothing stands back, and chunks are a third as long: their cost shows three times. */
const service = await EncodingService.start({
  CONTENT_CHUNK: "20",
  CONTENT_PRESET: "veryfast",
  CONTENT_ENCODERS: "1",
  CONTENT_ENCODER_THREADS: "2",
  CONTENT_ENCODER_NICE: "0",
});
const cost = await costOf(async () => {
  const id = await service.begin(process.argv[2]!);
  const playlist = join(await service.folder(id), "main.m3u8");
  // Seldom, since looking costs time too.
  while (!existsSync(playlist)) await sleep(250);
});
process.send!(cost);
await service.stop();
