/** Whether a person may watch a film now and here: what they paid for, where it is offered, and for whom it is suitable. */
import { momentOf } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import { isError } from "#core/errors.ts";
import { playback } from "./playback.contract.ts";

interface Viewer {
  readonly userId: string;
  readonly profileId: string;
  readonly videoId: string;
  /** ISO 3166-1 alpha-2; null where it is not known. */
  readonly region: string | null;
  readonly pin?: string | undefined;
  /** True for a session that has begun: its PIN was given then. */
  readonly isPlaying?: boolean;
}

export interface Rights {
  readonly entitlement: Output<"account.entitle">;
  readonly playable: Output<"content.getPlayable">;
  /** When they must be looked at again, in milliseconds since the epoch. */
  readonly until: number | null;
}

const earliest = (...times: readonly (string | null | undefined)[]): number | null => {
  const moments = times.flatMap((time) => (time ? (momentOf(time) ?? []) : []));
  return moments.length > 0 ? Math.min(...moments) : null;
};

/** Somebody else's profile is not there, as everywhere. */
function sayNotFound(error: unknown): never {
  throw isError(error, "ACCOUNT_PROFILE_NOT_FOUND") ? playback.error("NOT_FOUND") : error;
}

/** @throws NOT_FOUND, NOT_SUITABLE, and the refusals of the account and content services */
export async function rightsOf(ctx: Ctx, { pin, region, ...asked }: Viewer): Promise<Rights> {
  const entitlement = await ctx
    .call("account.entitle", pin === undefined ? asked : { ...asked, pin })
    .catch(sayNotFound);
  const { source, plan, profile, until } = entitlement;
  const playable = await ctx.call("content.getPlayable", { videoId: asked.videoId, region, plan, source });
  if (profile.maxRating !== null && playable.rating > profile.maxRating)
    throw playback.error("NOT_SUITABLE", { rating: playable.rating });
  return { entitlement, playable, until: earliest(until, playable.until) };
}
