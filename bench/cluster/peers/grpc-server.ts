/** gRPC-js that answers. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { answer, serving } from "./echo.ts";
import { address, Echo } from "./grpc.ts";

const server = new Server();
server.addService(Echo.service, {
  say: (_call: unknown, done: (error: null, value: typeof answer) => void) => done(null, answer),
});
server.bindAsync(address, ServerCredentials.createInsecure(), serving);
