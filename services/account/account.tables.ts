/** The types of the account service's tables. Amounts are minor units; times are milliseconds since the epoch unless they are text. */
import type { Money } from "#core/schema.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { invoiceStatuses, Purpose } from "./invoice.model.ts";
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

export interface InvoiceRow {
  id: string;
  number: string;
  user_id: string;
  kind: "invoice" | "credit_note";
  purpose: Purpose;
  status: (typeof invoiceStatuses)[number];
  subscription_id: string | null;
  /** The invoice that a credit note belongs to, and the refund that it is for. */
  corrects: string | null;
  refund_id: string | null;
  currency: Money["currency"];
  total: number;
  tax: number;
  /** Taken of the customer's credit; the rest is due. */
  credited: number;
  due: number;
  refunded: number;
  lines: string;
  billing: string | null;
  seller: string | null;
  period_start: number | null;
  period_end: number | null;
  /** By which the payment service knows the attempt at paying it: its own id at first. */
  attempt: string | null;
  payment_id: string | null;
  reason: string | null;
  issued_at: number;
  paid_at: number | null;
}

/** A film that was bought or rented. */
export interface TitleRow {
  id: string;
  user_id: string;
  video_id: string;
  kind: "buy" | "rent";
  status: "pending" | "granted" | "ended" | "refused" | "returned";
  /** Null for one that came with an order of the shop. */
  invoice_id: string | null;
  /** For which it is rented. */
  hours: number | null;
  until: number | null;
  created_at: string;
  /** The order of the shop with which it came; null for one of an invoice of ours. */
  order_id: string | null;
}

export interface AccountTables {
  accounts: {
    user_id: string;
    /** 1 when a trial was begun: there is one for a person. */
    trialed: number;
    /** The test clock's time; null for the real time. */
    clock: number | null;
    /** Billing details as JSON. */
    billing: string | null;
    /** To which the test clock is being moved; null when it stands. */
    clock_target: number | null;
  };
  /** The sagas that have tried to have an invoice paid. */
  attempts: {
    id: string;
    invoice_id: string;
    user_id: string;
    /** 1 when the saga does not know the payment method any more, because its customer left. */
    erased: number;
  };
  credits: {
    user_id: string;
    currency: Money["currency"];
    amount: number;
  };
  invoices: InvoiceRow;
  plans: PlanRow;
  profiles: ProfileRow;
  subscriptions: SubscriptionRow;
  titles: TitleRow;
}

/** What the audit log keeps as it is. */
export const plainText = ["plans.name_en", "plans.name_ko", "plans.regions"];

export type Db = Executor<AccountTables>;
export type Tx = Transaction<AccountTables>;

export const sql = statements<AccountTables>();
