/** The types of the account service's tables. Amounts are minor units; times are milliseconds since the epoch unless they are text. */
import type { Money } from "#core/schema.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { Interval } from "./plan.contract.ts";
import type { ProfileRow } from "./profile.model.ts";
import type { Status } from "./subscription.model.ts";

export interface PlanRow {
  id: string;
  /** What other services know the plan by. */
  code: string;
  name_en: string;
  name_ko: string;
  currency: Money["currency"];
  amount: number;
  /** Basis points. */
  tax_rate: number;
  interval: Interval;
  trial_days: number;
  max_streams: number;
  max_height: number;
  /** A list of countries, as JSON. */
  regions: string;
  created_at: string;
  archived_at: string | null;
  version: number;
}

export interface SubscriptionRow {
  id: string;
  user_id: string;
  plan_id: string;
  status: Status;
  /** What this period costs, whatever the plan costs by now. */
  currency: Money["currency"];
  amount: number;
  tax_rate: number;
  interval: Interval;
  /** When the first paid period began: later ones keep to its day. */
  anchor: number;
  period_start: number;
  period_end: number;
  trial_end: number | null;
  /** 0 or 1. */
  cancel_at_period_end: number;
  /** Milliseconds of the period that are left when a paused subscription goes on. */
  paused_left: number | null;
  /** When something is to be done by the account's clock; null while a payment is under way, and at the end. */
  due_at: number | null;
  /** The payment that is under way. */
  paying: string | null;
  /** Attempts at the overdue invoice that failed. */
  failures: number;
  payment_method: string | null;
  reason: string | null;
  ended_at: number | null;
  created_at: string;
  version: number;
}

export interface AccountTables {
  accounts: {
    user_id: string;
    /** 1 when a trial was begun: there is one for a person. */
    trialed: number;
    /** The test clock's time; null for the real time. */
    clock: number | null;
    /** To which the test clock is being moved; null when it stands. */
    clock_target: number | null;
  };
  plans: PlanRow;
  profiles: ProfileRow;
  subscriptions: SubscriptionRow;
}

export type Db = Executor<AccountTables>;
export type Tx = Transaction<AccountTables>;

export const sql = statements<AccountTables>();
