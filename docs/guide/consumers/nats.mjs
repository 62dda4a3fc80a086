// Reads Madang's events from NATS JetStream with nothing but its client: `node nats.mjs nats://127.0.0.1:4222 order`.
// A consumer reads each event once, also what came while it was away. Events may come twice: remember their ids.
import { connect } from "nats";

const [url, source, group = "reports"] = process.argv.slice(2);
const stream = `madang-${source}`;
const { host, username, password } = new URL(url);
const connection = await connect({ servers: host, user: username || undefined, pass: password || undefined });
const manager = await connection.jetstreamManager();
await manager.consumers.add(stream, { durable_name: group, ack_policy: "explicit" });

const consumer = await connection.jetstream().consumers.get(stream, group);
for await (const message of await consumer.consume()) {
  const event = message.json(); // A CloudEvent 1.0.
  console.log(event.type, event.subject, JSON.stringify(event.data));
  message.ack();
}
