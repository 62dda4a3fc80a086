/** All SQL of the sandbox's books. Every change of a charge names the allowed former state in its WHERE. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf } from "#core/cursor.ts";
import type { Money } from "#core/schema.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { DisputeStatus } from "../dispute.model.ts";
import type { ChargeStatus } from "../payment.model.ts";
import type { Charge, LedgerQuery } from "../payment.provider.ts";
import type { Movement } from "../report.model.ts";

export interface LedgerTables {
  charges: {
    id: string;
    reference: string;
    token: string;
    currency: Money["currency"];
    amount: number;
    authorized: number;
    captured: number;
    refunded: number;
    status: ChargeStatus;
    reason: string | null;
    /** What a dispute has taken. */
    lost: number;
    /** 1 when it is captured as it is authorized. */
    at_once: number;
    /** When a delayed charge is authorized, or an authorization expires, in milliseconds since the epoch. */
    settles_at: number | null;
  };
  disputes: {
    id: string;
    charge_id: string;
    amount: number;
    /** Null until the customer objects. */
    status: DisputeStatus | null;
    /** How the bank will decide. */
    ends: "won" | "lost";
    /** When it goes on, in milliseconds since the epoch. */
    next_at: number | null;
  };
  movements: {
    id: string;
    charge_id: string;
    kind: Movement["kind"];
    amount: number;
    dispute_id: string | null;
    /** Milliseconds since the epoch. */
    at: number;
  };
  requests: { key: string; request: string; charge_id: string };
  webhooks: {
    id: string;
    body: string;
    /** How often it must still be delivered. */
    copies: number;
    attempts: number;
    /** Milliseconds since the epoch; null when it was delivered. */
    due_at: number | null;
  };
}
export type ChargeRow = LedgerTables["charges"];
export type DisputeRow = LedgerTables["disputes"];
export type MovementRow = LedgerTables["movements"];
export type RequestRow = LedgerTables["requests"];
export type WebhookRow = LedgerTables["webhooks"];
export type Db = Executor<LedgerTables>;
export type Tx = Transaction<LedgerTables>;

const sql = statements<LedgerTables>();

export const insertCharge = sql((q, p: ChargeRow) =>
  q
    .insertInto("charges")
    .values(
      columns(
        p,
        "id",
        "reference",
        "token",
        "currency",
        "amount",
        "authorized",
        "captured",
        "refunded",
        "status",
        "reason",
        "lost",
        "at_once",
        "settles_at",
      ),
    ),
);
export const findCharge = sql((q, p: { id: string }) => q.selectFrom("charges").selectAll().where("id", "=", p.id));
export const findByReference = sql((q, p: { reference: string }) =>
  q.selectFrom("charges").selectAll().where("reference", "=", p.reference),
);
const authorizeFrom = (status: ChargeStatus) =>
  sql((q, p: { id: string }) =>
    q
      .updateTable("charges")
      .set((e) => {
        const atOnce = e.case().when("at_once", "=", 1);
        return {
          status: atOnce.then<ChargeStatus>("captured").else<ChargeStatus>("authorized").end(),
          authorized: e.ref("amount"),
          captured: e("amount", "*", e.ref("at_once")),
          settles_at: null,
        };
      })
      .where("id", "=", p.id)
      .where("status", "=", status),
  );
export const confirmCharge = authorizeFrom("requires_action");
export const settleCharge = authorizeFrom("processing");
/** Captures a part; what is left stays authorized unless `ends` is 1. */
export const captureCharge = sql((q, p: { id: string; amount: number; ends: number }) =>
  q
    .updateTable("charges")
    .set((e) => {
      const captured = e("captured", "+", p.amount);
      const isOver = e.or([e(e.val(p.ends), "=", 1), e(captured, "=", e.ref("authorized"))]);
      return {
        status: e.case().when(isOver).then<ChargeStatus>("captured").else<ChargeStatus>("authorized").end(),
        captured,
        settles_at: e.case().when(isOver).then<number | null>(null).else(e.ref("settles_at")).end(),
      };
    })
    .where("id", "=", p.id)
    .where("status", "=", "authorized")
    .where((e) => e(e("captured", "+", p.amount), "<=", e.ref("authorized"))),
);
/** Releases what is not captured; nothing is left to be captured. */
export const voidCharge = sql((q, p: { id: string; reason: string | null }) =>
  q
    .updateTable("charges")
    .set((e) => {
      const isEmpty = e.case().when("captured", "=", 0);
      return {
        status: isEmpty.then<ChargeStatus>("voided").else<ChargeStatus>("captured").end(),
        authorized: isEmpty.then(0).else(e.ref("authorized")).end(),
        reason: p.reason,
        settles_at: null,
      };
    })
    .where("id", "=", p.id)
    .where("status", "in", ["requires_action", "processing", "authorized"]),
);
export const refundCharge = sql((q, p: { id: string; amount: number }) =>
  q
    .updateTable("charges")
    .set((e) => ({ refunded: e("refunded", "+", p.amount) }))
    .where("id", "=", p.id)
    .where((e) => e(e("refunded", "+", p.amount), "<=", e.ref("captured"))),
);
export const settling = dueIn<LedgerTables>()("charges", "settles_at");

export const findRequest = sql((q, p: { key: string }) =>
  q.selectFrom("requests").selectAll().where("key", "=", p.key),
);
export const insertRequest = sql((q, p: RequestRow) =>
  q.insertInto("requests").values(columns(p, "key", "request", "charge_id")),
);

const insertWebhook = sql((q, p: WebhookRow) =>
  q.insertInto("webhooks").values(columns(p, "id", "body", "copies", "attempts", "due_at")),
);
export const undelivered = dueIn<LedgerTables>()("webhooks", "due_at");
export const moveWebhook = sql((q, p: Omit<WebhookRow, "body">) =>
  q
    .updateTable("webhooks")
    .set(columns(p, "copies", "attempts", "due_at"))
    .where("id", "=", p.id),
);

/** A charge in the form of the provider's answers. */
export const toCharge = ({
  id,
  reference,
  status,
  currency,
  authorized,
  captured,
  refunded,
  reason,
}: ChargeRow): Charge => ({
  id,
  reference,
  status,
  currency,
  authorized,
  captured,
  refunded,
  reason,
  actionUrl: status === "requires_action" ? `https://sandbox.invalid/3ds/${id}` : null,
  multicapture: true,
});

/** Stores a webhook in the same transaction as the change. */
export function announce(tx: Tx, about: (id: string) => object, copies: number): Promise<number> {
  const id = newId();
  const body = JSON.stringify(about(id));
  return tx.run(insertWebhook, { id, body, copies, attempts: 0, due_at: now() });
}

/** The webhook of a charge. */
export const announceCharge = (tx: Tx, row: ChargeRow, copies: number): Promise<number> =>
  announce(tx, (id) => ({ id, type: `charge.${row.status}`, charge: toCharge(row) }), copies);

/** Charges, newest first. */
export const listCharges = (db: Db, { reference, ...paging }: LedgerQuery): Promise<PageOf<Charge>> =>
  pageById(
    db.query
      .selectFrom("charges")
      .selectAll()
      .$if(!!reference, (found) => found.where("reference", "=", reference!)),
    paging,
    toCharge,
  );
