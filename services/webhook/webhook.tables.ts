/** The types of the webhook service's tables. Times are milliseconds since the epoch unless they are text. */
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { Outcome } from "./webhook.model.ts";

export interface EndpointRow {
  id: string;
  url: string;
  /** A list of types, as JSON. */
  events: string;
  description: string | null;
  status: "active" | "paused" | "disabled";
  secret: string;
  /** After a change of the secret, the one before is used beside it until then. */
  former_secret: string | null;
  former_until: number;
  /** When the first of the attempts failed after which none succeeded. */
  failing_since: number | null;
  created_at: string;
  version: number;
}

export interface DeliveryRow extends Outcome {
  id: string;
  endpoint_id: string;
  event_id: string;
  type: string;
  body: string;
  /** Whom the event is about: it goes with that person's account. */
  user_id: string | null;
  created_at: number;
}

export interface AttemptRow {
  delivery_id: string;
  at: number;
  status: number | null;
  error: string | null;
  milliseconds: number;
}

export interface WebhookTables {
  endpoints: EndpointRow;
  deliveries: DeliveryRow;
  attempts: AttemptRow;
}

export type Db = Executor<WebhookTables>;
export type Tx = Transaction<WebhookTables>;

export const sql = statements<WebhookTables>();
