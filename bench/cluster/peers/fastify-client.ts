/** undici that posts to Fastify over kept connections. */
import { Pool } from "undici";
import { client, question } from "./echo.ts";

const pool = new Pool(`http://127.0.0.1:${process.env["PORT"]}`, { connections: 16 });
await client(async () => {
  const { body } = await pool.request({
    method: "POST",
    path: "/say",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  return body.json();
});
