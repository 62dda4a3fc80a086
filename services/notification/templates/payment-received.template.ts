/** Sent when the money has been taken. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";

export const paymentReceived: Template<"payment.captured"> = {
  event: "payment.captured",
  sample: {
    paymentId: "01980000-0000-7000-8000-000000000002",
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    amount: { amount: 39_000, currency: "KRW" },
  },
  copy: {
    en: ({ orderId, amount }) => ({
      subject: "We received your payment",
      summary: `We received your payment of ${formatMoney(amount, "en")}.`,
      paragraphs: ["Thank you, your payment has arrived.", "We will write again as soon as your order is confirmed."],
      rows: [
        ["Order", orderId],
        ["Amount paid", formatMoney(amount, "en")],
      ],
    }),
    ko: ({ orderId, amount }) => ({
      subject: "결제가 완료되었습니다",
      summary: `${formatMoney(amount, "ko")} 결제가 완료되었습니다.`,
      paragraphs: [
        "결제가 정상적으로 완료되었습니다. 이용해 주셔서 감사합니다.",
        "주문이 확정되는 대로 다시 안내해 드리겠습니다.",
      ],
      rows: [
        ["주문 번호", orderId],
        ["결제 금액", formatMoney(amount, "ko")],
      ],
    }),
  },
};
