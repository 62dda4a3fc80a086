/** Points for people of specs, who need no account for them. */
import { DAY, now } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import { adjust, look } from "../../../services/user/point.transition.ts";
import type { UserTables } from "../../../services/user/user.repository.ts";

const welcome = { note: "Welcome", staffId: "00000000-0000-7000-8000-000000000000", life: 30 * DAY };

export const givePoints = (db: Database<UserTables>, userId: string, points: number) =>
  db.write((tx) => adjust(tx, userId, { ...welcome, points }, now()));

/** What somebody can use, and what their orders hold. */
export async function pointsOf(db: Database<UserTables>, userId: string): Promise<[balance: number, held: number]> {
  const { balance, held } = await look(db, userId, now());
  return [balance, held];
}
