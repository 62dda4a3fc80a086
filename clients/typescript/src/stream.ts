/** Live streams: server-sent events (the HTML standard, section 9.2) that go on where their connection broke. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { isMadangError } from "./problem.ts";
import type { LiveEvent } from "./request.ts";
import { pause } from "./retry.ts";

/** Milliseconds before a new connection, unless the gateway asks for others. */
const RECONNECT = 2000;

/** What the same request would meet again. */
const isLasting = (error: unknown): boolean =>
  error instanceof SyntaxError || (isMadangError(error) && error.status < 500 && error.status !== 429);

/**
 * The events of one stream, for as long as the caller reads them, over as many connections as it takes.
 * @param open connects, behind the event with this id
 * @throws MadangError when the stream is refused, and the signal's reason when it is aborted
 */
export async function* liveEvents(
  open: (lastEventId: string | undefined) => Promise<Response>,
  signal?: AbortSignal,
): AsyncGenerator<LiveEvent, void, void> {
  let last: string | undefined;
  let reconnect = RECONNECT;
  for (;;) {
    try {
      const { body } = await open(last);
      const parser = new EventSourceParserStream({ onRetry: (milliseconds) => (reconnect = milliseconds) });
      for await (const { id, event, data } of body!.pipeThrough(new TextDecoderStream()).pipeThrough(parser)) {
        last = id ?? last;
        yield { id: id ?? "", type: event ?? "message", data: JSON.parse(data) as unknown };
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (isLasting(error)) throw error;
    }
    await pause(reconnect, signal);
  }
}
