/** A client of a live stream (server-sent events, HTML standard section 9.2), as a browser's EventSource reads it. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

function parse(block: string): ServerEvent | undefined {
  const fields = new Map(
    block.split("\n").map((line) => {
      const end = line.indexOf(":");
      return [line.slice(0, end), line.slice(end + 1).trimStart()] as const;
    }),
  );
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return {
    id: fields.get("id") ?? "",
    event: fields.get("event") ?? "",
    data: JSON.parse(data) as ServerEvent["data"],
  };
}

export class EventStream {
  readonly status: number;
  readonly received: ServerEvent[] = [];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  readonly #leave: AbortController;

  private constructor(answer: Response, leave: AbortController) {
    this.status = answer.status;
    this.#leave = leave;
    // Leaving is an end as well.
    this.ended = this.#read(answer).catch(() => undefined);
  }

  /** @param lastEventId where the client left off */
  static async open(url: string, token: string, lastEventId?: string): Promise<EventStream> {
    const leave = new AbortController();
    const resume = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    const headers = { authorization: `Bearer ${token}`, ...resume };
    return new EventStream(await fetch(url, { headers, signal: leave.signal }), leave);
  }

  get names(): readonly string[] {
    return this.received.map(({ event }) => event);
  }

  async close(): Promise<void> {
    this.#leave.abort();
    await this.ended;
  }

  async #read(answer: Response): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) {
      const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) {
        const event = parse(block);
        if (event) this.received.push(event);
      }
    }
  }
}
