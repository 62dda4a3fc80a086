// Reads Madang's events from Kafka with nothing but its client: `node kafka.mjs kafka://127.0.0.1:9092 order`.
// A group reads each event once, also what came while it was away. Events may come twice: remember their ids.
import { Consumer, stringDeserializers } from "@platformatic/kafka";

const [url, source, groupId = "reports"] = process.argv.slice(2);
const { host, username, password } = new URL(url);
const sasl = username ? { mechanism: "PLAIN", username, password } : undefined;
const consumer = new Consumer({
  clientId: "reports",
  groupId,
  bootstrapBrokers: [host],
  sasl,
  deserializers: stringDeserializers,
  retries: true, // Else it ends for good while the broker is away.
  autocommit: false,
});
const stream = await consumer.consume({
  topics: [`madang.${source}`],
  mode: "committed",
  fallbackMode: "earliest",
});

for await (const message of stream) {
  const event = JSON.parse(message.value); // A CloudEvent 1.0.
  console.log(event.type, event.subject, JSON.stringify(event.data));
  await message.commit();
}
