/** What a person may watch, and by what: the answer to `account.entitle`. */
import { DAY, now, timestamp } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import * as accounts from "./account.repository.ts";
import { account } from "./account.contract.ts";
import type { Db } from "./account.tables.ts";
import type { ProfileRow } from "./profile.model.ts";
import { entitles } from "./subscription.model.ts";
import * as subscriptions from "./subscription.repository.ts";
import * as titles from "./title.repository.ts";

type Entitlement = Omit<Output<"account.entitle">, "profile">;

/** Milliseconds that a renewal may take, during which a film goes on. */
const GRACE = DAY;

/** For who has no plan, and watches what they bought. */
const OWN = { maxStreams: 2, maxHeight: 2160 };

/**
 * By the film itself if it was bought or rented, else by the subscription.
 * @throws NOT_ENTITLED
 */
export async function entitlementOf(db: Db, userId: string, videoId: string): Promise<Entitlement> {
  const subscribed = await subscriptions.find(db, userId);
  const current = subscribed && entitles(subscribed.row.status) ? subscribed : undefined;
  const { now: time } = await accounts.find(db, userId);
  // In the time of who asks, also for an account that has a test clock.
  const told = (moment: number) => timestamp(now() + Math.max(moment - time, 0));
  const plan = current && {
    plan: current.plan.code,
    maxStreams: current.plan.max_streams,
    maxHeight: current.plan.max_height,
  };
  const title = await titles.granted(db, userId, videoId, time);
  if (title)
    return {
      source: title.kind === "buy" ? "purchase" : "rental",
      plan: plan?.plan ?? null,
      maxStreams: Math.max(plan?.maxStreams ?? 0, OWN.maxStreams),
      maxHeight: OWN.maxHeight,
      until: title.until === null ? null : told(title.until),
    };
  if (!current || !plan) throw account.error("NOT_ENTITLED");
  const { period_end, due_at } = current.row;
  return { source: "subscription", ...plan, until: told(Math.max(period_end, due_at ?? 0) + GRACE) };
}

export const watcher = ({ id, name, language, is_kids, max_rating }: ProfileRow) => ({
  id,
  name,
  language,
  isKids: is_kids === 1,
  maxRating: max_rating,
});
