/** An encoding as staff see it, with how far it is. */
import type { Encoding } from "../encoding.contract.ts";
import type { ChunkRow } from "./chunk.repository.ts";
import type { EncodingRow } from "./encoding.repository.ts";
import type { Plan } from "./plan.model.ts";

/** Seconds with three digits, since sums of fractions have many. */
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
const sum = (rows: readonly ChunkRow[]): number => rounded(rows.reduce((all, { seconds }) => all + seconds, 0));

export function encodingOf(row: EncodingRow, chunks: readonly ChunkRow[]): Encoding {
  const plan = row.plan === null ? null : (JSON.parse(row.plan) as Plan);
  const byTrack = Map.groupBy(chunks, ({ track }) => track);
  const rungs = (plan?.rungs ?? []).map(({ name, height }) => {
    const own = byTrack.get(name) ?? [];
    return { height, doneSeconds: sum(own.filter(({ result }) => result !== null)), totalSeconds: sum(own) };
  });
  const total = (field: "doneSeconds" | "totalSeconds") => rounded(rungs.reduce((all, one) => all + one[field], 0));
  const waiting = chunks.find(({ error, next_at }) => error !== null && next_at !== null)?.error ?? null;
  return {
    id: row.id,
    state: row.state,
    failure: row.failure as Encoding["failure"],
    detail: row.detail || null,
    waitsFor: waiting as Encoding["waitsFor"],
    doneSeconds: total("doneSeconds"),
    totalSeconds: total("totalSeconds"),
    rungs,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
