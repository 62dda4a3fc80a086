/** A stub of a gRPC gateway on the real server: it names itself, streams, tells over HTTP whether it is ready, and drains at SIGTERM. */
import { createServer } from "node:http";
import { GrpcServer } from "../../../services/grpc/server.ts";

const [host, port, checkPort] = process.argv.slice(2) as [string, string, string];

const server = new GrpcServer({ connectionAge: 300_000 });
let isStopping = false;
server.unary("/stub/Get", (call, done) => {
  const answer = Buffer.from(`${host} ${String(call.metadata.get("x-forwarded-for"))}`);
  setTimeout(() => done(null, answer), 5);
});
server.stream("/stub/Watch", (call) => {
  call.write(Buffer.from(host));
  const timer = setInterval(() => call.write(Buffer.from(host)), 20);
  call.once("close", () => clearInterval(timer));
});
await server.listen(Number(port), host);
createServer((_req, res) => void res.writeHead(isStopping ? 503 : 200).end()).listen(Number(checkPort), host);
process.once("SIGTERM", () => {
  isStopping = true;
  void server.drain(2000).then(() => process.exit());
});
