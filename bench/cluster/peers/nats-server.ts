/** Bare `nats` that answers requests. */
import { connect, JSONCodec } from "nats";
import { natsOptions } from "#mixins/node/nats.ts";
import { answer, serving } from "./echo.ts";

const codec = JSONCodec();
const connection = await connect(natsOptions(process.env["TRANSPORTER"]!, "peer"));
connection.subscribe("echo", {
  callback: (_, message) => {
    codec.decode(message.data);
    message.respond(codec.encode(answer));
  },
});
await connection.flush();
serving();
