/** Sent about invoices of the account: that one was paid, could not be paid, or was refunded. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";

const won = (amount: number) => ({ amount, currency: "KRW" as const });
const invoice = {
  userId: "01980000-0000-7000-8000-000000000003",
  invoiceId: "01980000-0000-7000-8000-000000000004",
  number: "2026-000042",
};

export const invoicePaid: Template<"account.invoice_paid"> = {
  event: "account.invoice_paid",
  sample: { ...invoice, total: won(11_900), tax: won(1082), due: won(10_900) },
  copy: {
    en: ({ number, total, tax, due }) => ({
      subject: `Your receipt for invoice ${number}`,
      summary: `We received ${formatMoney(due, "en")} for invoice ${number}.`,
      paragraphs: ["Thank you, your invoice is paid. You find it as a PDF among your invoices."],
      when: "Paid on",
      rows: [
        ["Invoice number", number],
        ["Total, tax included", formatMoney(total, "en")],
        ["Tax in the total", formatMoney(tax, "en")],
        ["Charged to your payment method", formatMoney(due, "en")],
      ],
    }),
    ko: ({ number, total, tax, due }) => ({
      subject: `결제 영수증 (청구서 ${number})`,
      summary: `청구서 ${number}의 ${formatMoney(due, "ko")} 결제가 완료되었습니다.`,
      paragraphs: ["결제가 정상적으로 완료되었습니다. 청구서 PDF는 청구 내역에서 받으실 수 있습니다."],
      when: "결제 일시",
      rows: [
        ["청구서 번호", number],
        ["합계 (세금 포함)", formatMoney(total, "ko")],
        ["합계 중 세금", formatMoney(tax, "ko")],
        ["결제 수단으로 결제한 금액", formatMoney(due, "ko")],
      ],
    }),
  },
};

export const paymentFailed: Template<"account.payment_failed"> = {
  event: "account.payment_failed",
  sample: { ...invoice, amount: won(11_900), nextAttemptAt: "2026-01-18T03:04:05.000Z" },
  copy: {
    en: ({ number, amount, nextAttemptAt }, time) => ({
      subject: "Your payment did not go through",
      summary: `We could not charge ${formatMoney(amount, "en")} for invoice ${number}. We will try again on ${time(nextAttemptAt)}.`,
      paragraphs: [
        "We could not charge your payment method for your subscription.",
        "You can go on watching for now, and we will try again by ourselves. If your card has changed, please set another payment method before then.",
      ],
      when: "Tried on",
      rows: [
        ["Invoice number", number],
        ["Amount", formatMoney(amount, "en")],
        ["Next attempt", time(nextAttemptAt)],
      ],
    }),
    ko: ({ number, amount, nextAttemptAt }, time) => ({
      subject: "구독 결제가 완료되지 않았습니다",
      summary: `청구서 ${number}의 ${formatMoney(amount, "ko")} 결제가 완료되지 않았습니다. ${time(nextAttemptAt)}에 다시 시도합니다.`,
      paragraphs: [
        "등록하신 결제 수단으로 구독료를 결제하지 못했습니다.",
        "지금은 계속 시청하실 수 있으며, 결제는 자동으로 다시 시도합니다. 카드가 변경되었다면 그전에 결제 수단을 변경해 주세요.",
      ],
      when: "결제 시도 일시",
      rows: [
        ["청구서 번호", number],
        ["결제 금액", formatMoney(amount, "ko")],
        ["다음 결제 시도", time(nextAttemptAt)],
      ],
    }),
  },
};

export const invoiceRefunded: Template<"account.invoice_refunded"> = {
  event: "account.invoice_refunded",
  sample: { ...invoice, amount: won(11_900) },
  copy: {
    en: ({ number, amount }) => ({
      subject: "We refunded your payment",
      summary: `We refunded ${formatMoney(amount, "en")} to your payment method (credit note ${number}).`,
      paragraphs: ["The money goes back to your payment method. Your bank may need some days to show it."],
      when: "Refunded on",
      rows: [
        ["Credit note", number],
        ["Amount refunded", formatMoney(amount, "en")],
      ],
    }),
    ko: ({ number, amount }) => ({
      subject: "환불이 처리되었습니다",
      summary: `${formatMoney(amount, "ko")} 환불이 처리되었습니다. (환불 전표 ${number})`,
      paragraphs: ["결제하신 수단으로 환불됩니다. 카드사 사정에 따라 확인까지 며칠이 걸릴 수 있습니다."],
      when: "환불 일시",
      rows: [
        ["환불 전표 번호", number],
        ["환불 금액", formatMoney(amount, "ko")],
      ],
    }),
  },
};
