/** Bare `nats` that answers requests. */
import { connect, JSONCodec } from "nats";
import { answer, serving } from "./echo.ts";

const codec = JSONCodec();
const connection = await connect({ servers: process.env["TRANSPORTER"]! });
connection.subscribe("echo", {
  callback: (_, message) => {
    codec.decode(message.data);
    message.respond(codec.encode(answer));
  },
});
await connection.flush();
serving();
