/** Live streams as messages of a server-streaming method. */
import { type Metadata, type ServerWritableStream, status, type StatusObject } from "@grpc/grpc-js";
import type { LiveItem, Wire } from "#mixins/gateway/live.ts";

/** CANCEL (RFC 9113 section 7). */
const CANCEL = 8;

interface Parts {
  /** Precedes the first item. */
  readonly metadata: () => Metadata;
  readonly encode: (item: LiveItem) => Buffer;
  /** The status of an end that has a reason. */
  readonly statusOf: (reason: unknown) => StatusObject;
  /** Called once with the status, when the stream has ended. */
  readonly ended: (code: status) => void;
}

export class MessageStream implements Wire {
  readonly #parts: Parts;
  readonly #call: ServerWritableStream<Buffer, Buffer>;
  #code = status.CANCELLED;

  constructor(call: ServerWritableStream<Buffer, Buffer>, parts: Parts) {
    this.#parts = parts;
    this.#call = call;
    this.#call.once("close", () => parts.ended(this.#code));
  }

  begin(): boolean {
    this.#call.sendMetadata(this.#parts.metadata());
    return !this.#call.destroyed;
  }

  write(item: LiveItem): void {
    this.#call.write(this.#parts.encode(item));
  }

  /** HTTP/2 has pings of its own. */
  beat(): void {}

  /** Without a reason the stream is complete; a reason tells the client whether it may come back. */
  end(reason?: unknown): void {
    if (this.isEnded) return;
    const told = reason === undefined ? { code: status.OK } : this.#parts.statusOf(reason);
    this.#code = told.code;
    if (reason === undefined) this.#call.end();
    else this.#call.emit("error", told);
  }

  cut(): void {
    // gRPC-js would first send what the client does not read.
    const { call } = this.#call as unknown as { call: { stream?: { close(code: number): void } } };
    call.stream?.close(CANCEL);
    this.#call.destroy();
  }

  get isFull(): boolean {
    return this.#call.writableNeedDrain;
  }

  get isEnded(): boolean {
    return this.#call.writableEnded || this.#call.destroyed;
  }

  get isClosed(): boolean {
    return this.#call.closed || this.#call.destroyed;
  }

  onDrain(listener: () => void): void {
    this.#call.on("drain", listener);
  }

  onClose(listener: () => void): void {
    this.#call.once("close", listener);
  }
}
