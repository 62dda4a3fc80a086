// Reads Madang's events from RabbitMQ with nothing but a client: `node rabbitmq.mjs amqp://guest:guest@127.0.0.1 'order.#'`.
// From now on, a queue of its own gets a copy of each event, also while it is away. Events may come twice: remember their ids.
import { Connection } from "rabbitmq-client";

const [url, types, queue = "reports"] = process.argv.slice(2);
const connection = new Connection(url);
connection.on("error", (error) => console.error(error.message));

const consumer = connection.createConsumer(
  {
    queue,
    queueOptions: { durable: true },
    exchanges: [{ exchange: "madang.events", type: "topic", durable: true }],
    queueBindings: [{ exchange: "madang.events", queue, routingKey: types }],
  },
  async (message) => {
    const event = JSON.parse(message.body); // A CloudEvent 1.0.
    console.log(event.type, event.subject, JSON.stringify(event.data));
  },
);
consumer.on("ready", () => console.log(queue, "listens"));
