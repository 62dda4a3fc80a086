/** Sent when the order is paid for and its goods are the customer's. */
import { formatMoney } from "#core/money.ts";
import type { EventData } from "#core/contract.ts";
import type { Copy, Language, Template } from "../notification.model.ts";

type Confirmed = EventData<"order.confirmed">;

const lines = ({ items }: Confirmed, language: Language): Copy["rows"] =>
  items.map(({ name, quantity, lineTotal }) => [`${name} × ${quantity}`, formatMoney(lineTotal, language)]);

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
    en: (data) => ({
      subject: "Your order is confirmed",
      summary: `Your order of ${formatMoney(data.total, "en")} is confirmed.`,
      paragraphs: ["Thank you for your order. It is confirmed, and this is what you bought."],
      rows: [["Order", data.orderId], ...lines(data, "en"), ["Total", formatMoney(data.total, "en")]],
    }),
    ko: (data) => ({
      subject: "주문이 확정되었습니다",
      summary: `${formatMoney(data.total, "ko")} 주문이 확정되었습니다.`,
      paragraphs: ["주문해 주셔서 감사합니다. 아래와 같이 주문이 확정되었습니다."],
      rows: [["주문 번호", data.orderId], ...lines(data, "ko"), ["총 결제 금액", formatMoney(data.total, "ko")]],
    }),
  },
};
