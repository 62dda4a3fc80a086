// Listens to Madang's events in Redis with nothing but its client: `node redis-subscribe.mjs redis://127.0.0.1:6379 'order.*'`.
// It is news of the moment: what is published while it is away it never hears. Who must not miss any takes redis.mjs.
import { Redis } from "ioredis";

const [url, types] = process.argv.slice(2);
const redis = new Redis(url);
redis.on("pmessage", (_, __, body) => {
  const event = JSON.parse(body); // A CloudEvent 1.0.
  console.log(event.type, event.subject, JSON.stringify(event.data));
});
await redis.psubscribe(`madang.${types}`);
console.log("listens");
