/** Sent about subscriptions: that the trial ends soon, and that the subscription has ended. */
import { formatMoney } from "#core/money.ts";
import type { Template } from "../notification.model.ts";

const subscription = {
  userId: "01980000-0000-7000-8000-000000000003",
  subscriptionId: "01980000-0000-7000-8000-000000000005",
};

export const trialEnds: Template<"account.trial_reminded"> = {
  event: "account.trial_reminded",
  sample: { ...subscription, endsAt: "2026-01-18T03:04:05.000Z", price: { amount: 11_900, currency: "KRW" } },
  copy: {
    en: ({ endsAt, price }, time) => ({
      subject: "Your trial ends soon",
      summary: `Your trial ends on ${time(endsAt)}. After that, your subscription costs ${formatMoney(price, "en")}.`,
      paragraphs: [
        "We hope that you like it so far. When the trial ends, your subscription goes on, and we charge your payment method.",
        "If you do not want that, cancel before then, and nothing is charged.",
      ],
      when: "Sent on",
      rows: [
        ["End of the trial", time(endsAt)],
        ["Then charged", formatMoney(price, "en")],
      ],
    }),
    ko: ({ endsAt, price }, time) => ({
      subject: "무료 체험이 곧 종료됩니다",
      summary: `무료 체험이 ${time(endsAt)}에 종료되며, 이후 결제 금액은 ${formatMoney(price, "ko")}입니다.`,
      paragraphs: [
        "무료 체험이 끝나면 구독이 자동으로 이어지고 등록하신 결제 수단으로 요금이 결제됩니다.",
        "계속 이용하지 않으시려면 종료 전에 해지해 주세요. 그 전에 해지하시면 요금은 청구되지 않습니다.",
      ],
      when: "안내 일시",
      rows: [
        ["무료 체험 종료", time(endsAt)],
        ["이후 결제 금액", formatMoney(price, "ko")],
      ],
    }),
  },
};

/** By the event's code; one that is not known is not explained. */
const reasons: Readonly<Record<string, { readonly en: string; readonly ko: string }>> = {
  payment_failed: {
    en: "We tried several times to charge your payment method, and none of these payments went through.",
    ko: "여러 차례 결제를 시도했으나 완료되지 않아 구독이 종료되었습니다.",
  },
  customer: {
    en: "You cancelled it. Nothing more is charged.",
    ko: "요청하신 대로 해지되었으며, 더 이상 요금이 청구되지 않습니다.",
  },
  period_ended: {
    en: "The period that you had paid for is over, as you wished. Nothing more is charged.",
    ko: "해지를 예약하신 대로 이용 기간이 끝났으며, 더 이상 요금이 청구되지 않습니다.",
  },
};

export const subscriptionEnded: Template<"account.subscription_ended"> = {
  event: "account.subscription_ended",
  sample: { ...subscription, reason: "payment_failed" },
  copy: {
    en: ({ reason }) => ({
      subject: "Your subscription has ended",
      summary: "Your subscription has ended. You can subscribe again at any time.",
      paragraphs: [
        ...(reasons[reason] ? [reasons[reason].en] : []),
        "Your profiles and your history stay as they are. You can subscribe again at any time.",
      ],
      when: "Ended on",
      rows: [],
    }),
    ko: ({ reason }) => ({
      subject: "구독이 종료되었습니다",
      summary: "구독이 종료되었습니다. 언제든지 다시 구독하실 수 있습니다.",
      paragraphs: [
        ...(reasons[reason] ? [reasons[reason].ko] : []),
        "프로필과 시청 기록은 그대로 유지됩니다. 언제든지 다시 구독하실 수 있습니다.",
      ],
      when: "종료 일시",
      rows: [],
    }),
  },
};
