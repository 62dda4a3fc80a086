/**
 * Heartbeats: adds `this.heartbeats`. Those that come while a transaction is under way wait for the next one, which renews
 * the leases of all of them with one statement, so that thousands a second cost few transactions.
 *
 * @example
 * const row = await this.heartbeats.beat({ cause: ctx, id, userId, report: { sequence, positionMs } });
 */
import type { Service } from "moleculer";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { PlayerEvent } from "./cmcd.model.ts";
import * as history from "./history.repository.ts";
import { config } from "./playback.config.ts";
import { playback } from "./playback.contract.ts";
import type { Db, SessionRow, Tx } from "./playback.tables.ts";
import type { Report } from "./session.model.ts";
import * as sessions from "./playback.repository.ts";
import { moved, tellWatched, watchedOf } from "./session.transition.ts";

/** Heartbeats in one transaction. */
const BATCH = 1000;

interface Beat {
  readonly cause: Cause;
  readonly id: string;
  /** Null where a token of the session proves who it is. */
  readonly userId: string | null;
  readonly report?: Report | undefined;
  readonly events?: readonly PlayerEvent[];
}

interface Waiting {
  readonly beat: Beat;
  readonly resolve: (row: SessionRow) => void;
  readonly reject: (error: unknown) => void;
}

export interface Heartbeats {
  /** Renews the lease. @throws NOT_FOUND, with a token of the session SESSION_OVER */
  beat(beat: Beat): Promise<SessionRow>;
}

interface Host extends Service {
  readonly db: Db;
  readonly outbox: Outbox;
}

export const heartbeats = (): Mixin<{ readonly heartbeats: Heartbeats }> =>
  mixin<{ readonly heartbeats: Heartbeats }, Host>({
    started() {
      addName(this, "heartbeats", new GatheredHeartbeats(this));
    },
  });

class GatheredHeartbeats implements Heartbeats {
  readonly #host: Host;
  #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(host: Host) {
    this.#host = host;
  }

  beat(beat: Beat): Promise<SessionRow> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ beat, resolve, reject });
      if (!this.#isBusy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    // Those of one turn of the event loop come together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, BATCH));
    this.#isBusy = false;
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.#host.db.write((tx) => this.#renew(tx, batch));
      for (const { beat, resolve, reject } of batch) {
        const row = rows.get(beat.id);
        if (row && (beat.userId === null || beat.userId === row.user_id)) resolve(row);
        // Who has a token of the session knows that it was there.
        else reject(playback.error(beat.userId === null ? "SESSION_OVER" : "NOT_FOUND"));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** The sessions that go on, by id. */
  async #renew(tx: Tx, batch: readonly Waiting[]): Promise<ReadonlyMap<string, SessionRow>> {
    const ids = batch.map(({ beat: { id, userId } }) => ({ id, userId }));
    const rows = new Map((await sessions.renewAll(tx, ids, config.PLAYBACK_LEASE)).map((row) => [row.id, row]));
    const changed = new Map<string, SessionRow>();
    const watched = new Map<string, SessionRow>();
    for (const { beat } of batch) {
      const before = changed.get(beat.id) ?? rows.get(beat.id);
      if (!before || (beat.userId !== null && beat.userId !== before.user_id)) continue;
      const after = told(moved(before, beat.report), beat.events ?? []);
      if (after === before) continue;
      changed.set(after.id, after);
      if (after.position_ms === before.position_ms && after.sequence === before.sequence) continue;
      // Two devices of one profile may be in one batch: the later one is right.
      if (after.position_ms !== null) watched.set(`${after.profile_id} ${after.video_id}`, after);
      tellWatched(tx, this.#host.outbox, beat.cause, before, after);
    }
    if (changed.size > 0) tx.add(sessions.moveAll([...changed.values()]));
    if (watched.size > 0) tx.add(history.saveAll([...watched.values()].map(watchedOf)));
    return rows;
  }
}

/** Each event of a player counts once, however often it is reported. */
function told(row: SessionRow, events: readonly PlayerEvent[]): SessionRow {
  const fresh = events.filter(({ number }) => number > row.telemetry);
  const last = fresh.at(-1);
  if (!last) return row;
  return {
    ...row,
    telemetry: last.number,
    stalls: row.stalls + fresh.filter(({ isStall }) => isStall).length,
    failures: row.failures + fresh.filter(({ isFailure }) => isFailure).length,
  };
}
