/** What a person may watch, and by what: the answer to `account.entitle`. */
import { DAY, now, timestamp } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import * as accounts from "./account.repository.ts";
import { account } from "./account.contract.ts";
import type { Db } from "./account.tables.ts";
import type { ProfileRow } from "./profile.model.ts";
import { entitles } from "./subscription.model.ts";
import * as subscriptions from "./subscription.repository.ts";

type Entitlement = Omit<Output<"account.entitle">, "profile">;

/** Milliseconds that a renewal may take, during which a film goes on. */
const GRACE = DAY;

/** @throws NOT_ENTITLED */
export async function entitlementOf(db: Db, userId: string): Promise<Entitlement> {
  const subscribed = await subscriptions.find(db, userId);
  if (!subscribed || !entitles(subscribed.row.status)) throw account.error("NOT_ENTITLED");
  const { row, plan } = subscribed;
  const { now: time } = await accounts.find(db, userId);
  const left = Math.max(row.period_end, row.due_at ?? 0) - time + GRACE;
  return {
    source: "subscription",
    plan: plan.code,
    maxStreams: plan.max_streams,
    maxHeight: plan.max_height,
    // In the time of who asks, also for an account that has a test clock.
    until: timestamp(now() + Math.max(left, 0)),
  };
}

export const watcher = ({ id, name, language, is_kids, max_rating }: ProfileRow) => ({
  id,
  name,
  language,
  isKids: is_kids === 1,
  maxRating: max_rating,
});
