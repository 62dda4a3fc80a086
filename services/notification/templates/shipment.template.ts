/** Sent when a parcel of an order was sent, has arrived or was lost, and when some units were cancelled before that. */
import type { EventData } from "#core/contract.ts";
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import type { Row, Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";

type Parcel = EventData<"order.shipped">;

const about = {
  orderId: "01980000-0000-7000-8000-000000000001",
  userId: "01980000-0000-7000-8000-000000000003",
};
const items = [{ productId: "01980000-0000-7000-8000-000000000004", name: "Celadon tea cup", quantity: 2 }];
const sample: Parcel = {
  ...about,
  shipmentId: "01980000-0000-7000-8000-000000000007",
  carrier: "cj-logistics",
  trackingNumber: "CJ-6892-0417-33",
  items,
};

const words = {
  en: { carrier: "Carrier", number: "Tracking number", units: (quantity: number) => `× ${quantity}` },
  ko: { carrier: "택배사", number: "운송장 번호", units: (quantity: number) => `${quantity}개` },
} as const;

export const unitRows = (units: Parcel["items"], language: Language): Row[] =>
  units.map(({ name, quantity }) => [name, words[language].units(quantity)]);

const rowsOf = ({ carrier, trackingNumber, items: units }: Parcel, language: Language): Row[] => [
  ...(carrier === undefined ? [] : [[words[language].carrier, carrier] as const]),
  ...(trackingNumber === undefined ? [] : [[words[language].number, trackingNumber] as const]),
  ...unitRows(units, language),
];

export const orderShipped: Template<"order.shipped"> = {
  event: "order.shipped",
  sample,
  copy: {
    en: (parcel) => ({
      subject: "Your parcel is on its way",
      summary: `A parcel of your order ${orderNumber(parcel)} is on its way.`,
      paragraphs: ["We have sent a parcel of your order. This is what is in it."],
      when: "Sent on",
      rows: rowsOf(parcel, "en"),
      hasAddress: true,
    }),
    ko: (parcel) => ({
      subject: "상품이 발송되었습니다",
      summary: `주문(${orderNumber(parcel)})하신 상품이 발송되었습니다.`,
      paragraphs: ["주문하신 상품이 아래와 같이 발송되었습니다."],
      when: "발송 일시",
      rows: rowsOf(parcel, "ko"),
      hasAddress: true,
    }),
  },
};

export const orderDelivered: Template<"order.delivered"> = {
  event: "order.delivered",
  sample,
  copy: {
    en: (parcel) => ({
      subject: "Your parcel has arrived",
      summary: `A parcel of your order ${orderNumber(parcel)} has been delivered.`,
      paragraphs: ["A parcel of your order has been delivered. If you did not receive it, please tell us."],
      when: "Delivered on",
      rows: rowsOf(parcel, "en"),
    }),
    ko: (parcel) => ({
      subject: "상품이 배송 완료되었습니다",
      summary: `주문(${orderNumber(parcel)})하신 상품이 배송 완료되었습니다.`,
      paragraphs: ["주문하신 상품이 배송 완료되었습니다. 받지 못하셨다면 고객센터로 알려 주시기 바랍니다."],
      when: "배송 완료 일시",
      rows: rowsOf(parcel, "ko"),
    }),
  },
};

export const deliveryFailed: Template<"order.delivery_failed"> = {
  event: "order.delivery_failed",
  sample,
  copy: {
    en: (parcel) => ({
      subject: "Your parcel was lost",
      summary: `We are sorry: a parcel of your order ${orderNumber(parcel)} was lost, and is refunded.`,
      paragraphs: [
        "We are sorry: the carrier has lost a parcel of your order.",
        "What you paid for it is refunded to your payment method. A separate message confirms the refund.",
      ],
      when: "Known since",
      rows: rowsOf(parcel, "en"),
    }),
    ko: (parcel) => ({
      subject: "배송 중 상품이 분실되었습니다",
      summary: `죄송합니다. 주문(${orderNumber(parcel)})하신 상품이 배송 중 분실되어 환불해 드립니다.`,
      paragraphs: [
        "죄송합니다. 주문하신 상품이 배송 중 분실되었습니다.",
        "해당 상품의 결제 금액은 결제하신 수단으로 환불되며, 환불 내역은 별도로 안내해 드립니다.",
      ],
      when: "확인 일시",
      rows: rowsOf(parcel, "ko"),
    }),
  },
};

export const itemsCancelled: Template<"order.items_cancelled"> = {
  event: "order.items_cancelled",
  sample: { ...about, items, amount: { amount: 24_000, currency: "KRW" }, by: "customer" },
  copy: {
    en: ({ items: units, amount, by, ...order }) => ({
      subject: "A part of your order was cancelled",
      summary: `A part of your order ${orderNumber(order)} was cancelled: ${formatMoney(amount, "en")} is refunded.`,
      paragraphs: [
        by === "customer"
          ? "As you asked, we have cancelled a part of your order. The rest stays as it is."
          : "We are sorry: we had to cancel a part of your order. The rest stays as it is.",
        "What you paid for it is refunded to your payment method. A separate message confirms the refund.",
      ],
      when: "Cancelled on",
      rows: [...unitRows(units, "en"), ["Amount to be refunded", formatMoney(amount, "en")]],
    }),
    ko: ({ items: units, amount, by, ...order }) => ({
      subject: "주문 일부가 취소되었습니다",
      summary: `주문(${orderNumber(order)}) 중 일부가 취소되었습니다. 환불 예정 금액은 ${formatMoney(amount, "ko")}입니다.`,
      paragraphs: [
        by === "customer"
          ? "고객님의 요청에 따라 주문 중 일부가 취소되었습니다. 나머지 상품은 그대로 진행됩니다."
          : "죄송합니다. 판매자 사정으로 주문 중 일부가 취소되었습니다. 나머지 상품은 그대로 진행됩니다.",
        "해당 금액은 결제하신 수단으로 환불되며, 환불 내역은 별도로 안내해 드립니다.",
      ],
      when: "취소 일시",
      rows: [...unitRows(units, "ko"), ["환불 예정 금액", formatMoney(amount, "ko")]],
    }),
  },
};
