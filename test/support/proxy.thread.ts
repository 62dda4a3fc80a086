/** Runs a proxy in a thread of its own: a test that is busy must not make a way slow by itself. */
import { parentPort, workerData } from "node:worker_threads";
import { Proxy } from "./proxy.ts";

const { target, host } = workerData as { target: number; host: string };
const proxy = await Proxy.before(target, host);
parentPort!.on("message", (order: { reset?: true; blackHole?: true; heal?: true; delay?: number; close?: true }) => {
  if (order.reset) proxy.reset();
  if (order.blackHole) proxy.blackHole();
  if (order.heal) proxy.heal();
  if (order.delay) proxy.delay(order.delay);
  if (order.close) void proxy.close().then(() => parentPort!.close());
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort!.postMessage(proxy.urlOf(`127.0.0.1:${target}`));
