/** Sent when points were earned, given or taken, and a month before they expire. */
import type { Language, Sentence } from "#core/text.ts";
import type { Template } from "../notification.model.ts";

export const pointsExpiring: Template<"user.points_reminded"> = {
  event: "user.points_reminded",
  sample: { userId: "01980000-0000-7000-8000-000000000003", points: 1200, expiresAt: "2026-01-18T03:04:05.000Z" },
  copy: {
    en: ({ points, expiresAt }, time) => ({
      subject: "Your points expire soon",
      summary: `${points.toLocaleString("en")} of your points expire on ${time(expiresAt)}.`,
      paragraphs: ["Use them before then: they pay a part of your next purchase, or all of it."],
      when: "Sent on",
      rows: [
        ["Points", points.toLocaleString("en")],
        ["Expire on", time(expiresAt)],
      ],
    }),
    ko: ({ points, expiresAt }, time) => ({
      subject: "포인트가 곧 소멸됩니다",
      summary: `포인트 ${points.toLocaleString("ko")}P가 ${time(expiresAt)}에 소멸됩니다.`,
      paragraphs: ["소멸되기 전에 다음 구매에서 결제 금액의 일부 또는 전부에 사용해 주세요."],
      when: "안내 일시",
      rows: [
        ["소멸 예정 포인트", `${points.toLocaleString("ko")}P`],
        ["소멸 일시", time(expiresAt)],
      ],
    }),
  },
};

const amounts = (points: number): Sentence => {
  const count = Math.abs(points);
  const shown = count.toLocaleString("en");
  return { en: `${shown} ${count === 1 ? "point" : "points"}`, ko: `포인트 ${shown}P` };
};

const happened: Readonly<Record<string, (points: number) => Sentence>> = {
  earned: (points) => ({
    en: `You have earned ${amounts(points).en} with your purchase.`,
    ko: `구매하신 상품에 대해 ${amounts(points).ko}가 적립되었습니다.`,
  }),
  taken_back: (points) => ({
    en: `${amounts(points).en} were taken back, because they were earned with goods that came back.`,
    ko: `반품하신 상품으로 적립된 ${amounts(points).ko}가 회수되었습니다.`,
  }),
  adjusted: (points) => ({
    en: `We have ${points > 0 ? "given you" : "taken"} ${amounts(points).en}. You find the reason in the history of your points.`,
    ko: `${amounts(points).ko}가 ${points > 0 ? "지급" : "차감"}되었습니다. 사유는 포인트 내역에서 확인하실 수 있습니다.`,
  }),
};
/** Of a reason that a later release has. */
const otherwise = (points: number): Sentence => ({
  en: `Your points have changed by ${points.toLocaleString("en")}.`,
  ko: `포인트가 ${points.toLocaleString("ko")}P 변경되었습니다.`,
});
const sentenceOf = (reason: string, points: number, language: Language): string =>
  (happened[reason] ?? otherwise)(points)[language];

export const pointsChanged: Template<"user.points_changed"> = {
  event: "user.points_changed",
  sample: { userId: "01980000-0000-7000-8000-000000000003", reason: "adjusted", points: 500, balance: 1700 },
  copy: {
    en: ({ reason, points, balance }) => ({
      subject: points > 0 ? "You have more points" : "You have fewer points",
      summary: sentenceOf(reason, points, "en"),
      paragraphs: [sentenceOf(reason, points, "en")],
      when: "Booked on",
      rows: [["Points that you can use", balance.toLocaleString("en")]],
    }),
    ko: ({ reason, points, balance }) => ({
      subject: points > 0 ? "포인트가 적립되었습니다" : "포인트가 차감되었습니다",
      summary: sentenceOf(reason, points, "ko"),
      paragraphs: [sentenceOf(reason, points, "ko")],
      when: "처리 일시",
      rows: [["사용 가능한 포인트", `${balance.toLocaleString("ko")}P`]],
    }),
  },
};
