// Reads Madang's events from RabbitMQ with nothing but a client: `node rabbitmq.mjs amqp://guest:guest@127.0.0.1 'order.#'`.
// From now on, a queue of its own gets a copy of each event, also while it is away. Events may come twice: remember their ids.
import { connect } from "amqplib";

const [url, types, queue = "reports"] = process.argv.slice(2);
const connection = await connect(url);
connection.on("error", (error) => console.error(error.message));
connection.on("close", () => process.exit(1)); // Whoever runs it starts it again.

const channel = await connection.createChannel();
await channel.assertQueue(queue, { durable: true });
await channel.bindQueue(queue, "madang.events", types);
await channel.prefetch(100);
await channel.consume(queue, (message) => {
  if (message === null) process.exit(1); // The queue was deleted.
  const event = JSON.parse(message.content); // A CloudEvent 1.0.
  console.log(event.type, event.subject, JSON.stringify(event.data));
  channel.ack(message);
});
console.log(queue, "listens");
