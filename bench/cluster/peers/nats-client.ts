/** Bare `nats` that sends requests. */
import { connect, JSONCodec } from "nats";
import { client, question } from "./echo.ts";

const codec = JSONCodec();
const connection = await connect({ servers: process.env["TRANSPORTER"]! });
await client(async () => codec.decode((await connection.request("echo", codec.encode(question))).data));
