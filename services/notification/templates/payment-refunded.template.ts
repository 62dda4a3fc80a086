/** Sent when a payment was refunded. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";

export const paymentRefunded: Template<"payment.refunded"> = {
  event: "payment.refunded",
  sample: {
    paymentId: "01980000-0000-7000-8000-000000000002",
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    refundId: "01980000-0000-7000-8000-000000000006",
    amount: { amount: 39_000, currency: "KRW" },
    reason: "order_cancelled",
  },
  copy: {
    en: ({ amount, ...order }) => ({
      subject: "Your refund is on its way",
      summary: `We refunded ${formatMoney(amount, "en")} of the order ${orderNumber(order)} to your payment method.`,
      paragraphs: [
        `We have refunded ${formatMoney(amount, "en")} to your payment method.`,
        "Depending on your bank it may take a few days to reach your account.",
      ],
      when: "Refunded on",
      rows: [["Amount refunded", formatMoney(amount, "en")]],
    }),
    ko: ({ amount, ...order }) => ({
      subject: "환불이 처리되었습니다",
      summary: `주문(${orderNumber(order)})에 대한 ${formatMoney(amount, "ko")} 환불이 처리되었습니다.`,
      paragraphs: [
        `결제하신 수단으로 환불해 드렸습니다. 환불 금액은 ${formatMoney(amount, "ko")}입니다.`,
        "카드사나 은행에 따라 실제 입금까지 며칠이 걸릴 수 있는 점 양해 부탁드립니다.",
      ],
      when: "환불 일시",
      rows: [["환불 금액", formatMoney(amount, "ko")]],
    }),
  },
};
