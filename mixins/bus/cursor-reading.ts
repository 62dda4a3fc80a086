/** A reading whose position is the cursor in the subscriber's own database: how it ends is the same for every such broker. */
import type { Cursor, Position } from "./bus.ts";
import type { Delivery, Reading } from "./driver.ts";

export abstract class CursorReading<D extends Delivery> implements Reading {
  abstract readonly first: number;
  abstract readonly next: number;
  readonly #cursor: Cursor;
  #isOver = false;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  abstract pull(max: number, take: (delivery: D) => void): Promise<void>;

  /** What the position is once this event is stored. */
  protected abstract positionOf(delivery: D): Position;

  /** Ends the connection to the broker. */
  protected abstract close(): void;

  /** Called before each pull. @throws Error when another node has the turn, or this one has given it away */
  protected async keep(): Promise<void> {
    if (this.#isOver) throw new Error("The turn was given away.");
    await this.#cursor.keep();
  }

  stored(deliveries: readonly D[]): Promise<void> {
    const saving = this.#cursor.save(this.positionOf(deliveries.at(-1)!));
    this.#saving = saving.catch(() => {});
    return saving;
  }

  release(): void {
    this.#isOver = true;
  }

  drain(): void {
    this.stop();
  }

  stop(): void {
    this.#isOver = true;
    this.close();
  }

  async leave(): Promise<void> {
    this.stop();
    await this.#saving;
    // A turn that could not be ended ends by itself.
    await this.#cursor.leave().catch(() => {});
  }
}
