/** Fastify that answers a POST. */
import { fastify } from "fastify";
import { answer, serving } from "./echo.ts";

const server = fastify();
server.post("/say", () => Promise.resolve(answer));
await server.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
serving();
