/** The errors of the playback service, with advice for clients. */
import { notFound, refused } from "#core/errors.ts";

export const errors = {
  LIMIT_REACHED: refused(
    "Too many devices play at once",
    "동시에 시청할 수 있는 기기 수를 초과했습니다",
    "Stop one of `sessions`, or name it as `replaces`, and start again.",
    "`sessions` 중 하나를 중지하거나 `replaces`로 지정한 뒤 다시 시작해 주세요.",
  ),
  NOT_SUITABLE: refused(
    "This profile may not watch this title",
    "이 프로필로는 볼 수 없는 등급의 작품입니다",
    "Choose another title, or watch it with another profile.",
    "다른 작품을 선택하거나 다른 프로필로 시청해 주세요.",
  ),
  SESSION_OVER: notFound(
    "This playback has ended",
    "재생 세션이 종료되었습니다",
    "It was stopped, or nothing was heard of it for too long. Start the title again to go on where it stopped.",
    "다른 기기에서 중지했거나 오랫동안 응답이 없었습니다. 다시 재생하면 이어서 볼 수 있습니다.",
  ),
  LIST_FULL: refused(
    "The list is full",
    "목록이 가득 찼습니다",
    "Remove a title from it first.",
    "먼저 작품을 하나 삭제해 주세요.",
  ),
} as const;
