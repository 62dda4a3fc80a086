/** Bare `nats` that sends requests. */
import { connect, JSONCodec } from "nats";
import { natsOptions } from "#mixins/node/nats.ts";
import { client, question } from "./echo.ts";

const codec = JSONCodec();
const connection = await connect(natsOptions(process.env["TRANSPORTER"]!, "peer"));
await client(async () => codec.decode((await connection.request("echo", codec.encode(question))).data));
