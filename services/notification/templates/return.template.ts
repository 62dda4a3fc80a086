/** Sent when a return was approved or rejected, and when what was sent back has come. */
import type { EventData } from "#core/contract.ts";
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";
import { unitRows } from "./shipment.template.ts";

const sample: EventData<"order.return_approved"> = {
  orderId: "01980000-0000-7000-8000-000000000001",
  userId: "01980000-0000-7000-8000-000000000003",
  returnId: "01980000-0000-7000-8000-000000000008",
  items: [{ productId: "01980000-0000-7000-8000-000000000004", name: "Celadon tea cup", quantity: 2 }],
};

export const returnApproved: Template<"order.return_approved"> = {
  event: "order.return_approved",
  sample,
  copy: {
    en: ({ items, ...order }) => ({
      subject: "You may send it back",
      summary: `Your return of the order ${orderNumber(order)} is approved: please send it back.`,
      paragraphs: ["Your return is approved. Please send us what is listed here. It is refunded when it has arrived."],
      when: "Approved on",
      rows: unitRows(items, "en"),
    }),
    ko: ({ items, ...order }) => ({
      subject: "반품 신청이 승인되었습니다",
      summary: `주문(${orderNumber(order)})의 반품 신청이 승인되었습니다. 상품을 보내 주시기 바랍니다.`,
      paragraphs: ["반품 신청이 승인되었습니다. 아래 상품을 보내 주시면 도착을 확인한 후 환불해 드립니다."],
      when: "승인 일시",
      rows: unitRows(items, "ko"),
    }),
  },
};

export const returnRejected: Template<"order.return_rejected"> = {
  event: "order.return_rejected",
  sample,
  copy: {
    en: ({ items, ...order }) => ({
      subject: "We cannot take it back",
      summary: `We are sorry: we cannot take back what you asked for of the order ${orderNumber(order)}.`,
      paragraphs: ["We are sorry: we cannot take back what is listed here. The page of your return says why."],
      when: "Decided on",
      rows: unitRows(items, "en"),
    }),
    ko: ({ items, ...order }) => ({
      subject: "반품 신청이 승인되지 않았습니다",
      summary: `죄송합니다. 주문(${orderNumber(order)})의 반품 신청이 승인되지 않았습니다.`,
      paragraphs: [
        "죄송합니다. 아래 상품의 반품 신청이 승인되지 않았습니다. 사유는 반품 내역에서 확인하실 수 있습니다.",
      ],
      when: "처리 일시",
      rows: unitRows(items, "ko"),
    }),
  },
};

type Paid = Pick<EventData<"order.returned">, "amount" | "points">;

const isMoney = ({ amount, points = 0 }: Paid): boolean => amount.amount > 0 || points === 0;

/** Money and points that are given back, each only where there is some: points may have paid all, or nothing. */
const givenBack = ({ amount, points = 0 }: Paid, language: "en" | "ko"): string => {
  const some = points.toLocaleString(language);
  return [
    ...(isMoney({ amount, points }) ? [formatMoney(amount, language)] : []),
    ...(points > 0 ? [language === "ko" ? `포인트 ${some}P` : `${some} points`] : []),
  ].join(language === "ko" ? ", " : " and ");
};
export const returnReceived: Template<"order.returned"> = {
  event: "order.returned",
  sample: { ...sample, amount: { amount: 24_000, currency: "KRW" } },
  copy: {
    en: ({ items, amount, points = 0, ...order }) => ({
      subject: "Your return has arrived",
      summary: `Your return of the order ${orderNumber(order)} has arrived: ${givenBack({ amount, points }, "en")} will be given back.`,
      paragraphs: [
        "What you sent back has arrived. Thank you.",
        isMoney({ amount, points })
          ? "What you paid for it is refunded to your payment method. A separate message confirms the refund."
          : "The points that paid for it are given back to you.",
      ],
      when: "Arrived on",
      rows: [...unitRows(items, "en"), ["To be given back", givenBack({ amount, points }, "en")]],
    }),
    ko: ({ items, amount, points = 0, ...order }) => ({
      subject: "반품 상품이 도착했습니다",
      summary: `주문(${orderNumber(order)})의 반품 상품이 도착했습니다. 환불 예정 금액은 ${givenBack({ amount, points }, "ko")}입니다.`,
      paragraphs: [
        "보내 주신 상품이 도착했습니다. 감사합니다.",
        isMoney({ amount, points })
          ? "해당 금액은 결제하신 수단으로 환불되며, 환불 내역은 별도로 안내해 드립니다."
          : "결제에 사용하신 포인트는 다시 적립해 드립니다.",
      ],
      when: "도착 일시",
      rows: [...unitRows(items, "ko"), ["환불 예정 금액", givenBack({ amount, points }, "ko")]],
    }),
  },
};
