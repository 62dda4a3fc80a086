/**
 * Whether the session of a token still goes on: adds `this.checks`. A token says for itself that it is ours; that its
 * session was stopped, only the playback service knows. Sessions are asked for many at once, and while nobody answers, an
 * edge goes on with what it knows.
 */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";

/** Milliseconds: an answer is good for so long; for a while longer it is used while the next one is awaited. */
const FRESH = 4000;
const STALE = 12_000;
/** Milliseconds that a request waits for an answer. */
const PATIENCE = 1500;
/** Sessions in one question, and those that are remembered. */
const BATCH = 1000;
const REMEMBERED = 100_000;

interface Known {
  readonly ended: boolean;
  readonly at: number;
}

export interface SessionChecks {
  /** True unless the session has ended. Only a session that was not asked about lately has to be waited for. */
  isGoing(session: string): boolean | Promise<boolean>;
}

export const sessionChecks = (): Mixin<{ readonly checks: SessionChecks }> =>
  mixin<{ readonly checks: SessionChecks }>({
    created() {
      addName(this, "checks", new Checks(this));
    },
  });

class Checks implements SessionChecks {
  readonly #service: Service;
  readonly #known = new Map<string, Known>();
  #asking = new Set<string>();
  #question: Promise<void> | undefined;

  constructor(service: Service) {
    this.#service = service;
  }

  isGoing(session: string): boolean | Promise<boolean> {
    const known = this.#known.get(session);
    // An ended session never comes back.
    if (known?.ended) return false;
    const age = now() - (known?.at ?? -Infinity);
    if (age < FRESH && age >= 0) return true;
    const asked = this.#ask(session);
    if (age < STALE && age >= 0) return true;
    return asked.then(() => this.#known.get(session)?.ended !== true);
  }

  /** Those of one turn of the event loop are asked for together. */
  #ask(session: string): Promise<void> {
    this.#asking.add(session);
    if (!this.#question) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#question = promise;
      setImmediate(() => {
        const sessions = [...this.#asking];
        this.#asking = new Set();
        this.#question = undefined;
        void this.#look(sessions).then(resolve);
      });
    }
    return this.#question;
  }

  async #look(sessions: readonly string[]): Promise<void> {
    for (let from = 0; from < sessions.length; from += BATCH) {
      const ids = sessions.slice(from, from + BATCH);
      const asked = workContext(this.#service).call("playback.lookup", { ids }, { timeout: PATIENCE });
      const ended = await asked.then(
        (answer) => new Set(answer.ended),
        (error: Error) => {
          this.#service.logger.debug(`Sessions could not be looked up: ${error.message}`);
          return undefined;
        },
      );
      if (!ended) continue;
      for (const id of ids) this.#note(id, { ended: ended.has(id), at: now() });
    }
  }

  #note(id: string, known: Known): void {
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
  }
}
