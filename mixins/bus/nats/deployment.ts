/**
 * Creates the streams of a deployment and their consumers, and creates them again when they are lost. It runs as the
 * only NATS user that may.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { JetStreamManager } from "nats";
import { natsOptions } from "../../node/nats.ts";
import type { StreamPlan } from "./plan.ts";
import { ensureConsumer, ensureStream, findReading, findStream } from "./stream.ts";

/**
 * Milliseconds between two checks, and until the next one when something could not be made. No event is lost meanwhile,
 * because events wait in their outbox.
 */
const [LOOK, AGAIN] = [5000, 1000];

async function ensure(jsm: JetStreamManager, { source, groups }: StreamPlan): Promise<void> {
  await ensureStream(jsm, source, await findStream(jsm, source));
  for (const group of groups) {
    const reading = await findReading(jsm, source, group);
    if (reading && !reading.consumer) await ensureConsumer(jsm, source, group, reading);
  }
}

/**
 * Checks the streams until `signal` is aborted.
 * @param tell called when everything exists or something cannot be created, once per change
 */
export async function keepStreams(
  url: string,
  plans: readonly StreamPlan[],
  tell: (error: Error | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const { connect } = await import("nats");
  const connection = await connect({
    ...natsOptions(url, "streams"),
    inboxPrefix: "_INBOX_streams",
    ignoreAuthErrorAbort: true,
  });
  const jsm = await connection.jetstreamManager({ checkAPI: false });
  let last: string | null | undefined;
  while (!signal.aborted) {
    const error = await Promise.all(plans.map((plan) => ensure(jsm, plan))).then(
      () => null,
      (reason: Error) => reason,
    );
    if (last !== (error?.message ?? null)) tell(error);
    last = error?.message ?? null;
    await sleep(error ? AGAIN : LOOK, undefined, { signal }).catch(() => {});
  }
  await connection.close();
}
