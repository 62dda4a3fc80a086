/** Sent when a payment was captured. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";

export const paymentReceived: Template<"payment.captured"> = {
  event: "payment.captured",
  sample: {
    paymentId: "01980000-0000-7000-8000-000000000002",
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    amount: { amount: 39_000, currency: "KRW" },
  },
  // The order may be cancelled before this is read, so the text promises nothing about the order.
  copy: {
    en: ({ amount, ...order }) => ({
      subject: "We received your payment",
      summary: `We received your payment of ${formatMoney(amount, "en")} for the order ${orderNumber(order)}.`,
      paragraphs: ["Thank you, your payment has arrived.", "A separate message tells you about the order itself."],
      when: "Paid on",
      rows: [["Amount paid", formatMoney(amount, "en")]],
    }),
    ko: ({ amount, ...order }) => ({
      subject: "결제가 완료되었습니다",
      summary: `주문(${orderNumber(order)})에 대한 ${formatMoney(amount, "ko")} 결제가 완료되었습니다.`,
      paragraphs: [
        "결제가 정상적으로 완료되었습니다. 이용해 주셔서 감사합니다.",
        "주문 진행 상황은 별도로 안내해 드립니다.",
      ],
      when: "결제 일시",
      rows: [["결제 금액", formatMoney(amount, "ko")]],
    }),
  },
};
