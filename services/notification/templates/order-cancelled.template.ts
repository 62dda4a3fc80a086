/** Sent when an order was cancelled, for whatever reason. */
import { formatMoney } from "#core/money.ts";
import type { EventData } from "#core/contract.ts";
import type { Sentence } from "#core/text.ts";
import type { Language } from "#core/text.ts";
import type { Template } from "../notification.model.ts";
import { orderNumber } from "./details.template.ts";

const methodInvalid: Sentence = {
  en: "This payment method cannot be used. You are welcome to try again with another one.",
  ko: "사용할 수 없는 결제 수단입니다. 다른 결제 수단으로 다시 시도해 주시기 바랍니다.",
};

/** Explanations by the code of the reason. Other reasons are not explained. */
const reasons: Readonly<Record<string, Sentence>> = {
  PRODUCT_OUT_OF_STOCK: {
    en: "We are sorry: something in it is no longer in stock.",
    ko: "죄송합니다. 주문하신 상품의 재고가 부족하여 주문을 진행하지 못했습니다.",
  },
  PAYMENT_DECLINED: {
    en: "Your payment was declined. You are welcome to try again with another payment method.",
    ko: "결제가 승인되지 않았습니다. 다른 결제 수단으로 다시 시도해 주시기 바랍니다.",
  },
  PAYMENT_METHOD_INVALID: methodInvalid,
  PAYMENT_METHOD_NOT_FOUND: methodInvalid,
  ORDER_CANCELLED: {
    en: "You asked us to cancel it.",
    ko: "고객님의 요청에 따라 취소되었습니다.",
  },
  ORDER_CANCELLED_BY_SHOP: {
    en: "We are sorry: we had to cancel it.",
    ko: "죄송합니다. 판매자 사정으로 주문이 취소되었습니다.",
  },
  EXPIRED: {
    en: "The payment was not finished in time.",
    ko: "결제 가능 시간 안에 결제가 완료되지 않았습니다.",
  },
};

type Payment = NonNullable<EventData<"order.cancelled">["payment"]>;

const nothingCharged: Sentence = {
  en: "Nothing was charged, and you owe nothing.",
  ko: "결제된 금액은 없습니다.",
};

/** The text must be true both before and after the recipient reads the message about the refund. */
const money: Readonly<Record<Payment | "unknown", Sentence>> = {
  none: nothingCharged,
  cancelled: {
    en: `${nothingCharged.en} If your bank holds the amount, it will release it.`,
    ko: `${nothingCharged.ko} 카드 승인 내역이 보이는 경우 카드사에서 자동으로 취소됩니다.`,
  },
  refunded: {
    en: "All that you paid for it is refunded to your payment method. A separate message confirms each refund.",
    ko: "결제하신 금액은 결제하신 수단으로 전액 환불됩니다. 환불 내역은 별도로 안내해 드립니다.",
  },
  unknown: {
    en: "You owe nothing. If anything was charged, all of it is refunded, and a separate message confirms that.",
    ko: "추가로 결제하실 금액은 없습니다. 결제된 금액이 있는 경우 전액 환불되며, 환불 내역은 별도로 안내해 드립니다.",
  },
};

/** A failed payment is not mentioned beside its refund. */
const explain = (code: string, payment: Payment | undefined, language: Language): string[] => {
  const reason = payment === "refunded" && code.startsWith("PAYMENT_") ? undefined : reasons[code];
  return reason ? [reason[language]] : [];
};

export const orderCancelled: Template<"order.cancelled"> = {
  event: "order.cancelled",
  sample: {
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    total: { amount: 39_000, currency: "KRW" },
    reason: { code: "PRODUCT_OUT_OF_STOCK", message: "Not enough stock" },
    payment: "none",
  },
  copy: {
    en: ({ total, reason, payment, ...order }) => ({
      subject: "Your order was cancelled",
      summary: `Your order ${orderNumber(order)} of ${formatMoney(total, "en")} was cancelled.`,
      paragraphs: [
        "This is to confirm that your order was cancelled.",
        ...explain(reason.code, payment, "en"),
        money[payment ?? "unknown"].en,
      ],
      when: "Cancelled on",
      rows: [],
      total,
    }),
    ko: ({ total, reason, payment, ...order }) => ({
      subject: "주문이 취소되었습니다",
      summary: `${formatMoney(total, "ko")} 주문(${orderNumber(order)})이 취소되었습니다.`,
      paragraphs: [
        "주문이 취소되었음을 안내해 드립니다.",
        ...explain(reason.code, payment, "ko"),
        money[payment ?? "unknown"].ko,
      ],
      when: "취소 일시",
      rows: [],
      total,
    }),
  },
};
