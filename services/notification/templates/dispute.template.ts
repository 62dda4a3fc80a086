/** Sent to the shop's staff when a customer's bank wants a payment back, and when it has decided. */
import type { EventData } from "#core/contract.ts";
import { formatMoney } from "#core/money.ts";
import type { Language, Sentence } from "#core/text.ts";
import type { Row, Template } from "../notification.model.ts";

type Status = EventData<"payment.disputed">["status"];

const subjects: Readonly<Record<Status, Sentence>> = {
  inquiry: { en: "A bank asks about a payment", ko: "카드사에서 결제 내역을 문의했습니다" },
  needs_response: { en: "A payment is disputed: evidence is wanted", ko: "결제 이의 제기: 증빙 자료가 필요합니다" },
  under_review: { en: "A disputed payment is reviewed", ko: "이의 제기된 결제가 심사 중입니다" },
  won: { en: "A dispute is won", ko: "결제 이의 제기가 기각되었습니다" },
  lost: { en: "A dispute is lost", ko: "결제 이의 제기가 인정되었습니다" },
  closed: { en: "An inquiry about a payment is closed", ko: "결제 문의가 종결되었습니다" },
};

const explanations: Readonly<Record<Status, Sentence>> = {
  inquiry: {
    en: "Nothing was taken yet. Answer it on the provider's pages, so that it does not become a dispute.",
    ko: "아직 빠져나간 금액은 없습니다. 이의 제기로 이어지지 않도록 결제사 관리 화면에서 답변해 주세요.",
  },
  needs_response: {
    en: "The provider keeps the money back. Send evidence on its pages in time: without it, the money is gone.",
    ko: "결제사가 해당 금액의 지급을 보류하고 있습니다. 기한 안에 결제사 관리 화면에서 증빙 자료를 제출하지 않으면 금액이 환수됩니다.",
  },
  under_review: {
    en: "The evidence was sent, and the bank decides. There is nothing to do now.",
    ko: "증빙 자료가 제출되어 카드사가 심사하고 있습니다. 지금 하실 일은 없습니다.",
  },
  won: { en: "The money stays with the shop.", ko: "결제 금액은 그대로 유지됩니다." },
  lost: {
    en: "The money is gone, and the sale stands: book it as a loss. There is a credit note only for goods that come back. Do not refund the order once more.",
    ko: "금액이 환수되었으나 판매는 유지되므로 손실로 처리해 주세요. 상품이 반품된 경우에만 환불 전표가 발행됩니다. 주문을 다시 환불하지 마세요.",
  },
  closed: { en: "It came to nothing. There is nothing to do.", ko: "문의가 종결되어 별도로 하실 일은 없습니다." },
};

type Data = EventData<"payment.disputed">;

function rowsOf(
  { amount, reason, dueAt, disputeId }: Data,
  language: Language,
  time: (moment: string) => string,
): Row[] {
  const label = {
    en: { amount: "Disputed amount", reason: "Reason", due: "Evidence until", id: "Dispute" },
    ko: { amount: "이의 제기 금액", reason: "사유", due: "증빙 제출 기한", id: "이의 제기 ID" },
  }[language];
  return [
    [label.amount, formatMoney(amount, language)],
    ...(reason === undefined ? [] : [[label.reason, reason] as const]),
    ...(dueAt === undefined ? [] : [[label.due, time(dueAt)] as const]),
    [label.id, disputeId],
  ];
}

const copyIn = (language: Language, when: string) => (data: Data, time: (moment: string) => string) => ({
  subject: subjects[data.status][language],
  summary: `${subjects[data.status][language]}: ${formatMoney(data.amount, language)}`,
  paragraphs: [explanations[data.status][language]],
  when,
  rows: rowsOf(data, language, time),
});

export const paymentDisputed: Template<"payment.disputed"> = {
  event: "payment.disputed",
  isForStaff: true,
  sample: {
    paymentId: "01980000-0000-7000-8000-000000000002",
    orderId: "01980000-0000-7000-8000-000000000001",
    userId: "01980000-0000-7000-8000-000000000003",
    disputeId: "01980000-0000-7000-8000-000000000009",
    amount: { amount: 39_000, currency: "KRW" },
    status: "needs_response",
    reason: "fraudulent",
    dueAt: "2026-01-25T03:04:05.000Z",
  },
  copy: { en: copyIn("en", "Told on"), ko: copyIn("ko", "접수 일시") },
};
