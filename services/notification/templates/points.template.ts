/** Sent a month before points expire. */
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
