/** The state of a node's connection to the broker: in the log once for each change, and in `/health`. */
import type { ServiceBroker } from "moleculer";
import { reportDependency } from "../node/dependencies.ts";

const WAIT = "events wait in their outboxes";

export class Link {
  readonly #broker: ServiceBroker;
  readonly #listeners = new Set<() => void>();
  #wasUp: boolean | null = null;
  #isClosed = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /**
   * Calls the listener for each new connection, because the state of the server may have changed meanwhile.
   * @returns a function that removes the listener
   */
  onConnect(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  connected(): void {
    this.#tell(true);
    for (const listener of this.#listeners) listener();
  }

  lost(reason: string): void {
    this.#tell(false, reason);
  }

  /** After this, changes of the connection are neither logged nor reported. */
  close(): void {
    this.#isClosed = true;
  }

  #tell(isUp: boolean, reason = ""): void {
    if (this.#isClosed) return;
    const wasUp = this.#wasUp;
    this.#wasUp = isUp;
    reportDependency(
      this.#broker,
      isUp ? { name: "bus", status: "ok" } : { name: "bus", status: "away", detail: WAIT },
    );
    if (wasUp === isUp) return;
    if (!isUp) this.#broker.logger.warn(`The bus is away (${reason}): ${WAIT}.`);
    else if (wasUp === false) this.#broker.logger.info("The bus is back.");
  }
}
