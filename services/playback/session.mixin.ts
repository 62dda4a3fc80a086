/**
 * Ends sessions that nobody stops: adds `this.sessions`. A player that is not heard of loses its place when its lease ends,
 * and the rights of a session are looked at again when they may have changed.
 */
import type { Service } from "moleculer";
import { DAY, now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import { isError, isRefusal } from "#core/errors.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { Db, SessionRow } from "./playback.tables.ts";
import { type Ending, heightFor } from "./session.model.ts";
import { rightsOf } from "./session.policy.ts";
import * as sessions from "./playback.repository.ts";
import { tellEnded } from "./session.transition.ts";

export interface Sessions {
  /** Call it after a commit that has the rights of sessions looked at. */
  check(): void;
}

interface Host extends Service {
  readonly db: Db;
  readonly outbox: Outbox;
  readonly sessions?: RunningSessions;
}

export const sessionEnds = (): Mixin<{ readonly sessions: Sessions }> =>
  mixin<{ readonly sessions: Sessions }, Host>({
    async started() {
      const running = new RunningSessions(this);
      addName(this, "sessions", running);
      await running.start();
    },
    async stopped() {
      await this.sessions?.stop();
    },
  });

class RunningSessions implements Sessions {
  readonly #host: Host;
  readonly #leases: Queue<SessionRow>;
  readonly #rights: Queue<SessionRow>;

  constructor(host: Host) {
    const { db } = host;
    this.#host = host;
    this.#leases = new Queue<SessionRow>(host, {
      next: () => sessions.nextLapse(db),
      claim: (limit) => sessions.lapsed(db, limit),
      work: ({ id }) => this.#end(id, "expired"),
      limit: 200,
      atOnce: 20,
    });
    this.#rights = new Queue<SessionRow>(host, {
      next: () => db.one(sessions.checkDue.next, {}),
      claim: (limit) => db.all(sessions.checkDue.list, { now: now(), limit }),
      work: (row) => this.#look(row),
      limit: 50,
      atOnce: 5,
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.#leases.start(), this.#rights.start()]);
  }

  check(): void {
    this.#rights.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#leases.stop(), this.#rights.stop()]);
  }

  async #end(id: string, reason: Ending): Promise<void> {
    const { db, outbox } = this.#host;
    await db.write(async (tx) => {
      const rows = reason === "expired" ? await sessions.remove.lapsed(tx, id) : await sessions.remove.one(tx, id);
      tellEnded(tx, outbox, workContext(this.#host), rows, reason);
    });
  }

  /** A right that cannot be looked at now is looked at again: nobody is stopped because a service is away. */
  async #look(row: SessionRow): Promise<void> {
    const reason = await this.#reasonToEnd(row);
    if (reason !== null) return this.#end(row.id, reason);
    return undefined;
  }

  async #reasonToEnd(row: SessionRow): Promise<Ending | null> {
    const { id, user_id: userId, profile_id: profileId, video_id: videoId, region } = row;
    try {
      const viewer = { userId, profileId, videoId, region, isPlaying: true };
      const { entitlement, playable, until } = await rightsOf(workContext(this.#host, userId), viewer);
      const heights = playable.rungs.map(({ height }) => height);
      // Who has a smaller plan now starts again with what it allows.
      const isLess = row.seat >= entitlement.maxStreams || row.height > heightFor(heights, entitlement.maxHeight);
      if (isLess) return "not_entitled";
      return await this.#goOn(id, until);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // A profile that is gone ends its sessions by its event.
      const isOfContent = isError(error, "NOT_FOUND") || isError(error, "CONTENT_NOT_AVAILABLE");
      return isOfContent ? "not_available" : "not_entitled";
    }
  }

  /** @param until when its rights may end, in milliseconds since the epoch */
  async #goOn(id: string, until: number | null): Promise<null> {
    // Somebody may take a right back without a word that reaches us.
    const at = Math.min(until ?? Infinity, now() + DAY);
    await this.#host.db.write(async (tx) => tx.add(sessions.check(id, at)));
    return null;
  }
}
