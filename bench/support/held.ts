/**
 * Loaded into a process before its program (`--import`): tells at HELD_PORT for how many microseconds the event loop was
 * held at most by one turn since it was last asked. Processor time, so that other programs of the machine do not count.
 */
import { createServer } from "node:http";

let longest = 0;
let before = process.threadCpuUsage();

function turn(): void {
  const { user, system } = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longest = Math.max(longest, user + system);
  setImmediate(turn).unref();
}

if (process.env.HELD_PORT) {
  // The benchmark asks seldom: a kept connection with a time-out could close just when it is used again.
  const server = createServer({ keepAliveTimeout: 0 }, (_req, res) => {
    res.end(String(longest));
    longest = 0;
  });
  server.listen(Number(process.env.HELD_PORT), "127.0.0.1").unref();
  setInterval(() => {}, 1).unref();
  turn();
}
