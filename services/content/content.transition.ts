/** The moves of a video that staff make, each with its guard and its event. */
import { timestamp } from "#core/clock.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { content } from "./content.contract.ts";
import { isPlayed } from "./content.model.ts";
import * as videos from "./content.repository.ts";
import type { Tx } from "./content.tables.ts";
import * as subtitles from "./subtitle.repository.ts";

interface Asked {
  readonly id: string;
  readonly version?: number;
}
export interface Told {
  readonly outbox: Outbox;
  readonly cause: Cause;
}

/** What is published and what is withdrawn in one tree takes turns, so that no episode of a withdrawn series stays. */
const LOCK = "publication";

const told = ({ outbox, cause }: Told, type: "content.published" | "content.removed", videoId: string) =>
  outbox.event(cause, type, `content:${videoId}`, { videoId });

/** @throws NOT_FOUND, STALE_VERSION, NOT_READY */
export async function publish(tx: Tx, by: Told, { id, version }: Asked): Promise<void> {
  tx.lock(LOCK);
  const row = await videos.take(tx, id, version);
  if (row.state === "published") return;
  const isReady = isPlayed(row.kind) ? row.state === "ready" : true;
  const above = row.parent_id === null ? null : await videos.find(tx, row.parent_id);
  if (!isReady || (above && above.state !== "published")) throw content.error("NOT_READY", { state: row.state });
  tx.add(videos.move(id, "published", timestamp()), told(by, "content.published", id));
}

/** Tells that a film is ready, and publishes it where that was asked for and may be. The film is ready in this transaction. */
export async function encoded(tx: Tx, by: Told, { id, video_id: videoId, publishes }: Encoded): Promise<void> {
  tx.lock(LOCK);
  tx.add(by.outbox.event(by.cause, "content.encoded", `content:${videoId}`, { videoId, release: id }));
  if (publishes === 1 && (await videos.isPublishable(tx, videoId))) await publish(tx, by, { id: videoId });
}
interface Encoded {
  readonly id: string;
  readonly video_id: string;
  readonly publishes: number;
}

/** Withdraws what it consists of too. @throws NOT_FOUND, STALE_VERSION */
export async function withdraw(tx: Tx, by: Told, { id, version }: Asked): Promise<void> {
  tx.lock(LOCK);
  await videos.take(tx, id, version);
  for (const part of await videos.publishedParts(tx, id)) {
    if (part !== id) await videos.take(tx, part);
    tx.add(videos.move(part, "ready", null), told(by, "content.removed", part));
  }
}

/** @throws NOT_FOUND, STALE_VERSION, HAS_PARTS */
export async function remove(tx: Tx, by: Told, { id, version }: Asked): Promise<void> {
  tx.lock(LOCK);
  tx.lock(`video:${id}`);
  const row = await videos.take(tx, id, version);
  if (await videos.hasParts(tx, id)) throw content.error("HAS_PARTS");
  tx.add(videos.discard(id), subtitles.forget(id));
  if (row.state === "published") tx.add(told(by, "content.removed", id));
}
