/** Live streams as the items of a generator, which is how Connect takes them. */
import type { LiveItem, Wire } from "#mixins/gateway/live.ts";

const all = (listeners: readonly (() => void)[]): void => listeners.forEach((listener) => listener());

export class WebStream implements Wire {
  readonly cut: () => void;
  readonly #signal: AbortSignal;
  readonly #items: LiveItem[] = [];
  readonly #onDrain: (() => void)[] = [];
  readonly #onClose: (() => void)[] = [];
  /** Wakes the generator. */
  #changed: () => void = () => undefined;
  #reason: unknown;
  /** The client has not read the last item. */
  #isSending = false;
  isEnded = false;
  isClosed = false;

  /**
   * @param signal aborted when the client has left, or its deadline has passed
   * @param cut ends the connection at once
   */
  constructor(signal: AbortSignal, cut: () => void) {
    this.#signal = signal;
    this.cut = cut;
    if (signal.aborted) this.close();
    else signal.addEventListener("abort", () => this.close(), { once: true });
  }

  /** What precedes the first item is sent with it. */
  begin(): boolean {
    return !this.isClosed;
  }

  write(item: LiveItem): void {
    this.#items.push(item);
    this.#changed();
  }

  /** Neither protocol has a sign of life. */
  beat(): void {}

  /** Without a reason the stream is complete; a reason tells the client whether it may come back. */
  end(reason?: unknown): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#reason = reason;
    this.#changed();
  }

  get isFull(): boolean {
    return this.#isSending || this.#items.length > 0;
  }

  onDrain(listener: () => void): void {
    this.#onDrain.push(listener);
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  /** @throws the reason of the end, if it has one; and that of the signal */
  async *items(): AsyncGenerator<LiveItem> {
    for (;;) {
      this.#signal.throwIfAborted();
      const item = this.#items.shift();
      if (item) {
        this.#isSending = true;
        yield item;
        this.#isSending = false;
        if (!this.isFull) all(this.#onDrain);
      } else if (this.isEnded) break;
      else await new Promise<void>((resolve) => (this.#changed = resolve));
    }
    if (this.#reason !== undefined) throw this.#reason;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.isEnded = true;
    this.#changed();
    all(this.#onClose);
  }
}
