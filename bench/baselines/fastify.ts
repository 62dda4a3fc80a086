/** Fastify with one route. */
import { fastify } from "fastify";
import { port, product } from "./answer.ts";

const server = fastify();
server.get("/api/v1/products/:id", () => Promise.resolve(product));
await server.listen({ port, host: "127.0.0.1" });
