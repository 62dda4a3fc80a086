/**
 * Tells the playback service that this edge is there, and how its requests end: adds `this.announcement`. A burst of
 * failures is told at once, so that players are sent elsewhere.
 */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { config } from "./edge.config.ts";

/** Milliseconds between two announcements, and the fewest when something is wrong. */
const INTERVAL = 2000;
const SOONEST = 300;
/** Failures that are told at once. */
const BURST = 3;

export interface Announcement {
  /** The name under which players know this edge. */
  readonly id: string;
  /** Begins to announce. @param url how players reach it */
  begin(url: string): void;
  /** Counts a request. */
  count(isFailure: boolean): void;
  /** Tells that it is about to stop, so that players go elsewhere. */
  leave(): Promise<void>;
}

export const announcement = (): Mixin<{ readonly announcement: Announcement }> =>
  mixin<{ readonly announcement: Announcement }, Service & { readonly announcement?: Announcing }>({
    created() {
      addName(this, "announcement", new Announcing(this));
    },
    async stopped() {
      await this.announcement?.leave();
    },
  });

class Announcing implements Announcement {
  readonly id: string;
  readonly #service: Service;
  readonly #worker: Worker;
  #url: string | undefined;
  #requests = 0;
  #failures = 0;
  #hasLeft = false;

  constructor(service: Service) {
    this.#service = service;
    this.id = service.broker.nodeID.replaceAll(/[^A-Za-z0-9-]/g, "-").slice(0, 63);
    this.#worker = new Worker(service.logger, () => this.#tell(false), { idle: INTERVAL, pace: SOONEST });
  }

  begin(url: string): void {
    this.#url = url;
    this.#worker.wake();
  }

  count(isFailure: boolean): void {
    this.#requests += 1;
    if (!isFailure) return;
    this.#failures += 1;
    if (this.#failures >= BURST && this.#url !== undefined) this.#worker.wake();
  }

  async leave(): Promise<void> {
    if (this.#url === undefined || this.#hasLeft) return;
    this.#hasLeft = true;
    await this.#worker.stop();
    // Whoever does not hear it misses the next announcement.
    await this.#tell(true).catch(() => {});
  }

  async #tell(leaving: boolean): Promise<boolean> {
    const [requests, failures] = [this.#requests, this.#failures];
    [this.#requests, this.#failures] = [0, 0];
    const told = { id: this.id, url: this.#url!, region: config.EDGE_REGION, weight: config.EDGE_WEIGHT };
    const about = { ...told, requests, failures, leaving };
    const call = workContext(this.#service).call("playback.saveEdge", about, { timeout: INTERVAL });
    await call.catch((error: unknown) => {
      // They are told the next time: a burst is known however short nobody listened.
      this.#requests += requests;
      this.#failures += failures;
      throw error;
    });
    if (!leaving) this.#worker.wake(now() + INTERVAL);
    return false;
  }
}
