/** Sent to whoever made or revoked an API key, because it may have been somebody else with their session. */
import type { Sentence } from "#core/text.ts";
import type { Template } from "../notification.model.ts";

const keyChanges: Readonly<Record<string, (prefix: string) => Sentence>> = {
  created: (prefix) => ({
    en: `An API key was made with your account. It begins with ${prefix}, and its holder may do what it permits.`,
    ko: `회원님의 계정으로 API 키(${prefix}…)가 발급되었습니다. 이 키를 가진 쪽은 허용된 작업을 할 수 있습니다.`,
  }),
  removed: (prefix) => ({
    en: `An API key was revoked with your account. It began with ${prefix}, and is accepted no more.`,
    ko: `회원님의 계정으로 API 키(${prefix}…)가 폐기되어 더 이상 사용할 수 없습니다.`,
  }),
};
/** Of a change that a later release has. */
const keyChanged = (prefix: string): Sentence => ({
  en: `The API key that begins with ${prefix} was changed with your account.`,
  ko: `회원님의 계정으로 API 키(${prefix}…)가 변경되었습니다.`,
});

export const apiKeyChanged: Template<"user.api_key_changed"> = {
  event: "user.api_key_changed",
  isSecurity: true,
  sample: { userId: "01980000-0000-7000-8000-000000000003", change: "created", prefix: "mdk_01a1fce1" },
  copy: {
    en: ({ change, prefix }) => ({
      subject: "An API key of the shop was changed",
      summary: (keyChanges[change] ?? keyChanged)(prefix).en,
      paragraphs: [
        (keyChanges[change] ?? keyChanged)(prefix).en,
        "If you did not do that, revoke the key and set a new password at once.",
      ],
      when: "Happened on",
      rows: [],
    }),
    ko: ({ change, prefix }) => ({
      subject: "API 키 변경 안내",
      summary: (keyChanges[change] ?? keyChanged)(prefix).ko,
      paragraphs: [
        (keyChanges[change] ?? keyChanged)(prefix).ko,
        "직접 하신 일이 아니라면 즉시 키를 폐기하고 비밀번호를 다시 설정해 주세요.",
      ],
      when: "처리 일시",
      rows: [],
    }),
  },
};
