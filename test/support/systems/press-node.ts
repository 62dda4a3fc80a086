/**
 * The press as a process of its own, to be killed and frozen. It adds the job that PRESS_JOB names and tells on its output
 * what becomes of it. With PRESS_STUCK=on its first attempt does not end before SIGUSR2.
 */
import { once } from "node:events";
import type { Service, ServiceSchema } from "moleculer";
import { localService } from "./local-service.ts";
import { type Begun, pressService, type PressHost } from "./press.ts";

const id = process.env.PRESS_JOB!;
const tell = (what: string) => process.stdout.write(`${what}\n`);

async function work({ run }: Begun): Promise<void> {
  if (run.id !== id) return;
  tell(`attempt ${run.attempt} has begun`);
  run.signal.addEventListener("abort", () => tell(`attempt ${run.attempt} is told`));
  if (process.env.PRESS_STUCK !== "on" || run.attempt > 1) return;
  // Also keeps the process from ending by the signal.
  await once(process, "SIGUSR2");
  await run.save({ done: 1 }).catch((error: Error) => tell(error.message));
}

const service: ServiceSchema = {
  ...pressService(work),
  async started(this: Service) {
    const { db, jobs } = localService<PressHost>(this.broker, "press");
    await db.write(async (tx) => tx.add(jobs.add("print", { text: "Tea" }, { id })));
  },
};
export const services = [service];
