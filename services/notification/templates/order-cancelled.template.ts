/** Sent when an order was undone, whoever wanted it so. */
import { formatMoney } from "#core/money.ts";
import type { Language, Template } from "../notification.model.ts";

type Sentence = Readonly<Record<Language, string>>;

const methodInvalid: Sentence = {
  en: "This payment method cannot be used. You are welcome to try again with another one.",
  ko: "사용할 수 없는 결제 수단입니다. 다른 결제 수단으로 다시 시도해 주시기 바랍니다.",
};

/** By the reason's code; what is not here is not explained. */
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
  EXPIRED: {
    en: "The payment was not finished in time.",
    ko: "결제 가능 시간 안에 결제가 완료되지 않았습니다.",
  },
};

const explain = (code: string, language: Language): string[] => {
  const reason = reasons[code];
  return reason ? [reason[language]] : [];
};

export const orderCancelled: Template<"order.cancelled"> = {
  event: "order.cancelled",
  sample: {
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    total: { amount: 39_000, currency: "KRW" },
    reason: { code: "PRODUCT_OUT_OF_STOCK", message: "Not enough stock" },
  },
  copy: {
    en: ({ orderId, total, reason }) => ({
      subject: "Your order was cancelled",
      summary: `Your order of ${formatMoney(total, "en")} was cancelled.`,
      paragraphs: [
        "Your order was cancelled.",
        ...explain(reason.code, "en"),
        "You owe nothing. If you have paid already, we return all of it and write again when that is done.",
      ],
      rows: [
        ["Order", orderId],
        ["Total", formatMoney(total, "en")],
      ],
    }),
    ko: ({ orderId, total, reason }) => ({
      subject: "주문이 취소되었습니다",
      summary: `${formatMoney(total, "ko")} 주문이 취소되었습니다.`,
      paragraphs: [
        "주문이 취소되었음을 안내해 드립니다.",
        ...explain(reason.code, "ko"),
        "이미 결제하신 금액은 전액 환불되며, 환불이 완료되면 다시 안내해 드리겠습니다.",
      ],
      rows: [
        ["주문 번호", orderId],
        ["주문 금액", formatMoney(total, "ko")],
      ],
    }),
  },
};
