/** Bare node:http. */
import { createServer } from "node:http";
import { port, product } from "./answer.ts";

createServer((_request, response) => {
  const body = JSON.stringify(product);
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}).listen(port, "127.0.0.1");
