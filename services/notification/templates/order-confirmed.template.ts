/** Sent when the order is paid and its stock is committed. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";

export const orderConfirmed: Template<"order.confirmed"> = {
  event: "order.confirmed",
  sample: {
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    total: { amount: 39_000, currency: "KRW" },
    items: [
      {
        productId: "01980000-0000-7000-8000-000000000004",
        name: "Celadon tea cup",
        quantity: 2,
        unitPrice: { amount: 12_000, currency: "KRW" },
        lineTotal: { amount: 24_000, currency: "KRW" },
        tax: { amount: 2182, currency: "KRW" },
      },
      {
        productId: "01980000-0000-7000-8000-000000000005",
        name: "Green tea, 50 g",
        quantity: 1,
        unitPrice: { amount: 15_000, currency: "KRW" },
        lineTotal: { amount: 15_000, currency: "KRW" },
        tax: { amount: 1364, currency: "KRW" },
      },
    ],
  },
  copy: {
    en: ({ total, items, ...order }) => ({
      subject: "Your order is confirmed",
      summary: `Your order ${orderNumber(order)} of ${formatMoney(total, "en")} is confirmed.`,
      paragraphs: ["Thank you for your order. It is confirmed, and this is what you bought."],
      when: "Confirmed on",
      rows: [],
      total,
      items,
      hasAddress: true,
    }),
    ko: ({ total, items, ...order }) => ({
      subject: "주문이 확정되었습니다",
      summary: `${formatMoney(total, "ko")} 주문(${orderNumber(order)})이 확정되었습니다.`,
      paragraphs: ["주문해 주셔서 감사합니다. 아래와 같이 주문이 확정되었습니다."],
      when: "확정 일시",
      rows: [],
      total,
      items,
      hasAddress: true,
    }),
  },
};
