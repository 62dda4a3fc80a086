/** An encoding as staff see it, with how far it is. */
import type { Encoding } from "../encoding.contract.ts";
import type { ChunkRow } from "./chunk.repository.ts";
import type { EncodingRow } from "./encoding.repository.ts";
import { PICTURE, type Plan } from "./plan.model.ts";

/** Seconds with three digits, since sums of fractions have many. */
const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000;
const sum = (rows: readonly ChunkRow[]): number => rounded(rows.reduce((all, { seconds }) => all + seconds, 0));

export function encodingOf(row: EncodingRow, chunks: readonly ChunkRow[]): Encoding {
  const plan = row.plan === null ? null : (JSON.parse(row.plan) as Plan);
  // A piece of the picture is all rungs of a chunk.
  const pictures = chunks.filter(({ track }) => track === PICTURE);
  const rungs = (plan?.rungs ?? []).map(({ height }) => ({
    height,
    doneSeconds: sum(pictures.filter(({ result }) => result !== null)),
    totalSeconds: sum(pictures),
  }));
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
