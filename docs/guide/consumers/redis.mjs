// Reads Madang's events from Redis with nothing but its client: `node redis.mjs redis://127.0.0.1:6379 order`.
// A group reads each event once, also what came while it was away. Events may come twice: remember their ids.
import { Redis } from "ioredis";

const [url, source, group = "reports"] = process.argv.slice(2);
const stream = `madang:events:${source}`;
const redis = new Redis(url);
await redis.xgroup("CREATE", stream, group, "0", "MKSTREAM").catch(() => {}); // It is there already.

for (;;) {
  const read = ["GROUP", group, "me", "COUNT", 100, "BLOCK", 5000, "STREAMS", stream, ">"];
  const [[, entries] = [null, []]] = (await redis.xreadgroup(...read)) ?? [];
  for (const [id, [, , , body]] of entries) {
    const event = JSON.parse(body); // A CloudEvent 1.0.
    console.log(event.type, event.subject, JSON.stringify(event.data));
    await redis.xack(stream, group, id);
  }
}
