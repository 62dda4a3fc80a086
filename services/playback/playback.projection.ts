/** Sessions as their people see them, with the addresses of a film's files. */
import { timestamp } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import { deriveKey, mint } from "#mixins/delivery/path-token.ts";
import { serviceKey } from "#mixins/node/keys.ts";
import { config } from "./playback.config.ts";
import type { SessionRow } from "./playback.tables.ts";
import type { Session, Started } from "./session.contract.ts";

/** What a token for telemetry is good for, in the place of a folder. */
export const TELEMETRY = "telemetry";

let made: ReturnType<typeof deriveKey> | undefined;
/** The key of the tokens in paths. */
export const pathKey = (): ReturnType<typeof deriveKey> => (made ??= deriveKey(serviceKey()));

export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  videoId: row.video_id,
  profileId: row.profile_id,
  title: row.title,
  device: row.device,
  startedAt: timestamp(row.started_at),
  leaseUntil: timestamp(row.lease_until),
});

const tokenFor = ({ id, height, token_until }: SessionRow, folder: string): string =>
  mint(pathKey(), { session: id, folder, height, expires: Math.floor(token_until / 1000) });

/** @param base of the edge; empty for the address of the API */
export function toStarted(row: SessionRow, base: string, chapters: Output<"content.getPlayable">["chapters"]): Started {
  const folder = `${base}/t/${tokenFor(row, row.folder)}/${row.folder}`;
  return {
    ...toSession(row),
    manifestUrl: `${folder}/${row.manifest}`,
    thumbnailsUrl: `${folder}/thumbs.vtt`,
    telemetryToken: tokenFor(row, TELEMETRY),
    expiresAt: timestamp(row.token_until),
    durationMs: row.duration_ms,
    resumeMs: row.resume_ms,
    chapters: [...chapters],
    next: row.next_id,
    heartbeatMs: config.PLAYBACK_HEARTBEAT,
  };
}
