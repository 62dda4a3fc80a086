/** gRPC-js that asks. */
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { client, question } from "./echo.ts";
import { address, Echo } from "./grpc.ts";

type Say = (request: typeof question, done: (error: Error | null, value: unknown) => void) => void;

const echo = new Echo(address, credentials.createInsecure());
const say = promisify((echo["say"] as Say).bind(echo));
await client(() => say(question));
