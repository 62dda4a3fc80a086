/** What the payment service tells of orders: sagas that wait go on, the timeline says it, and documents are issued. */
import type { EventData, EventName } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { formatMoney } from "#core/money.ts";
import { whenExpired } from "./cancellation.mixin.ts";
import { creditRefunded, type Host as Issuing, invoiceCaptured } from "./invoice.settlement.ts";
import { note, type Tx } from "./order.repository.ts";
import type { Host as SagaHost } from "./order.saga.ts";

type Told<E extends EventName> = Envelope<EventData<E>>;

/** A payment for which a saga waited has been decided. */
export async function askAgain(
  this: Pick<SagaHost, "saga">,
  { data }: Envelope<{ orderId: string }>,
  tx: Tx,
): Promise<void> {
  tx.add(this.saga.wake(data.orderId));
}

export const paymentEvents = {
  "payment.decided": askAgain,
  async "payment.mismatched"(this: SagaHost, event: Told<"payment.mismatched">, tx: Tx) {
    const { orderId, purpose, reason } = event.data;
    if (purpose === "invoice") return;
    tx.add(note({ orderId, step: "payment", state: "mismatched", detail: reason ?? "" }));
    await askAgain.call(this, event, tx);
  },
  async "payment.disputed"({ data: { orderId, purpose, status, amount } }: Told<"payment.disputed">, tx: Tx) {
    if (purpose === "invoice") return;
    tx.add(note({ orderId, step: "dispute", state: status, detail: formatMoney(amount, "en") }));
  },
  "payment.expired": whenExpired,
  async "payment.captured"(this: Issuing, { data }: Told<"payment.captured">, tx: Tx) {
    const { orderId, purpose, amount, captured, captureId } = data;
    if (purpose === "invoice") return;
    await invoiceCaptured(this, tx, orderId, { amount: amount.amount, captured: captured?.amount, captureId });
  },
  async "payment.refunded"(this: Issuing, { data }: Told<"payment.refunded">, tx: Tx) {
    const { orderId, purpose, refundId, amount, captured, reason } = data;
    if (purpose === "invoice") return;
    const detail = `${formatMoney(amount, "en")}, ${reason}`;
    tx.add(note({ orderId, step: "refund", state: "done", detail }));
    await creditRefunded(this, tx, orderId, {
      id: refundId,
      amount: amount.amount,
      captured: captured?.amount,
    });
  },
};
