/** How a playback session begins, goes on and ends, with what is told of each. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import * as history from "./history.repository.ts";
import { config } from "./playback.config.ts";
import { playback } from "./playback.contract.ts";
import type { SessionRow, Tx, WatchedRow } from "./playback.tables.ts";
import { type Ending, heightFor, isBelieved, isWatched, manifestFor, type Report, seatFor } from "./session.model.ts";
import type { Rights } from "./session.policy.ts";
import * as sessions from "./playback.repository.ts";

/** Milliseconds after which the rights of a new session are looked at once more. */
const SOON = 30_000;

interface Start {
  readonly userId: string;
  readonly profileId: string;
  readonly videoId: string;
  readonly region: string | null;
  readonly deviceId: string | undefined;
  readonly device: string | undefined;
  readonly replaces: string | undefined;
  readonly resumeMs: number;
  readonly edgeId: string | null;
}

const about = (row: SessionRow) => ({ userId: row.user_id, profileId: row.profile_id, videoId: row.video_id });

/** Tells that sessions, which were removed in this transaction, have ended. */
export function tellEnded(tx: Tx, outbox: Outbox, cause: Cause, rows: readonly SessionRow[], reason: Ending): void {
  for (const row of rows)
    tx.add(
      outbox.event(cause, "playback.ended", `playback:${row.id}`, {
        ...about(row),
        sessionId: row.id,
        reason,
        positionMs: row.position_ms,
        stalls: row.stalls,
        failures: row.failures,
      }),
    );
}

/** Takes a place. @throws LIMIT_REACHED when the plan has no more, with what plays in them */
export async function start(tx: Tx, outbox: Outbox, cause: Cause, begun: Start, rights: Rights): Promise<string> {
  const { userId, profileId, videoId, deviceId = newId(), device = "" } = begun;
  const { entitlement, playable, until } = rights;
  const { lapsed, replaced, left } = await sessions.makeRoom(tx, userId, deviceId, begun.replaces);
  const taken = left.map(({ seat }) => seat);
  const seat = seatFor(taken, entitlement.maxStreams);
  if (seat === undefined) {
    const playing = left.map(({ id, title, device: name }) => ({ id, title, device: name }));
    throw playback.error("LIMIT_REACHED", { most: entitlement.maxStreams, sessions: playing });
  }
  tellEnded(tx, outbox, cause, lapsed, "expired");
  tellEnded(tx, outbox, cause, replaced, "replaced");
  const heights = playable.rungs.map(({ height }) => height);
  const id = newId();
  const row = {
    id,
    user_id: userId,
    profile_id: profileId,
    video_id: videoId,
    title: playable.title,
    device_id: deviceId,
    device,
    seat,
    source: entitlement.source,
    plan: entitlement.plan,
    region: begun.region,
    folder: playable.path,
    manifest: manifestFor(playable.manifest, heights, entitlement.maxHeight),
    height: heightFor(heights, entitlement.maxHeight),
    duration_ms: playable.durationMs,
    next_id: playable.next,
    resume_ms: begun.resumeMs,
    sequence: -1,
    position_ms: null,
    telemetry: -1,
    stalls: 0,
    failures: 0,
    edge_id: begun.edgeId,
    started_at: now(),
    token_until: now() + config.PLAYBACK_TOKEN_TTL,
    // A right may have ended while it was looked at, and its event found no session to end.
    check_at: Math.min(until ?? Infinity, now() + SOON),
  };
  tx.add(sessions.start(row, config.PLAYBACK_LEASE));
  tx.add(outbox.event(cause, "playback.started", `playback:${id}`, { userId, profileId, videoId, sessionId: id }));
  return id;
}

/** A report of a session, as it changes its row. */
export function moved(row: SessionRow, report: Report | undefined): SessionRow {
  if (!report || report.sequence <= row.sequence) return row;
  const sequence = report.sequence;
  if (!isBelieved(row, report)) return { ...row, sequence };
  return { ...row, sequence, position_ms: Math.min(report.positionMs, row.duration_ms) };
}

/** What its profile watched, as the last report tells. */
export function watchedOf(row: SessionRow): WatchedRow {
  const finished = isWatched(row.position_ms, row.duration_ms);
  return {
    profile_id: row.profile_id,
    video_id: row.video_id,
    user_id: row.user_id,
    position_ms: row.position_ms ?? 0,
    duration_ms: row.duration_ms,
    finished: finished ? 1 : 0,
    watched_at: finished ? now() : null,
    updated_at: now(),
  };
}

/** When a film has just been seen to its end: that is told, and the next episode is offered. */
export function tellWatched(tx: Tx, outbox: Outbox, cause: Cause, before: SessionRow, after: SessionRow): void {
  if (isWatched(before.position_ms, before.duration_ms) || !isWatched(after.position_ms, after.duration_ms)) return;
  tx.add(outbox.event(cause, "playback.watched", `profile:${after.profile_id}`, about(after)));
  if (after.next_id !== null) tx.add(history.offerNext(after.profile_id, after.next_id, after.user_id));
}
