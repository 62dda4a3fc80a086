/** The tables of the playback service. Times are milliseconds since the epoch. */
import type { Database, Transaction } from "#mixins/database/database.ts";
import type { IdempotencyTable } from "#mixins/idempotency/idempotency.mixin.ts";
import type { InboxTable } from "#mixins/inbox/inbox.mixin.ts";
import type { OutboxTable } from "#mixins/outbox/outbox.mixin.ts";

export interface PlaybackTables extends OutboxTable, InboxTable, IdempotencyTable {
  playback_sessions: {
    id: string;
    user_id: string;
    profile_id: string;
    video_id: string;
    title: string;
    device_id: string;
    device: string;
    /** From 0 on; a person has one session in each. */
    seat: number;
    source: "subscription" | "purchase" | "rental";
    plan: string | null;
    region: string | null;
    folder: string;
    manifest: string;
    height: number;
    duration_ms: number;
    next_id: string | null;
    resume_ms: number;
    /** Of the last report that was believed; -1 and null before. */
    sequence: number;
    position_ms: number | null;
    /** The number of the last event that its player told; -1 before. */
    telemetry: number;
    stalls: number;
    failures: number;
    edge_id: string | null;
    started_at: number;
    token_until: number;
    /** Free afterwards. */
    lease_until: number;
    /** When its rights are looked at again. */
    check_at: number | null;
  };
  watched_videos: {
    profile_id: string;
    video_id: string;
    user_id: string;
    position_ms: number;
    duration_ms: number;
    /** 1 when the position is at its end. */
    finished: number;
    watched_at: number | null;
    updated_at: number;
  };
  marks: {
    profile_id: string;
    kind: "kept" | "liked";
    video_id: string;
    user_id: string;
    /** 1 for what is liked or kept, 0 for what is disliked. */
    value: number;
    updated_at: number;
  };
  edges: {
    id: string;
    url: string;
    region: string | null;
    weight: number;
    /** The share of its requests that failed, smoothed. */
    failing: number;
    /** Bursts of failures, one after another. */
    bursts: number;
    /** Out of routing until then. */
    out_until: number;
    seen_at: number;
  };
}

export type Db = Database<PlaybackTables>;
export type Tx = Transaction<PlaybackTables>;
export type SessionRow = PlaybackTables["playback_sessions"];
export type WatchedRow = PlaybackTables["watched_videos"];
export type MarkRow = PlaybackTables["marks"];
export type EdgeRow = PlaybackTables["edges"];
