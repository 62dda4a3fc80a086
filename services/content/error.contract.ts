/** The errors of the content service, with advice for clients. */
import { conflict, invalid, refused } from "#core/errors.ts";

export const errors = {
  NOT_AVAILABLE: refused(
    "This title is not available where you are, or not at this time",
    "현재 지역이나 시점에는 시청할 수 없는 작품입니다",
    "Choose another title. Its page tells from when it can be watched, if that is known.",
    "다른 작품을 선택해 주세요. 공개 예정 시점이 있으면 작품 정보에 표시됩니다.",
  ),
  PLAN_REQUIRED: refused(
    "Your plan does not include this title",
    "현재 요금제에 포함되지 않은 작품입니다",
    "Change to a plan that includes it, or buy or rent it.",
    "이 작품이 포함된 요금제로 변경하거나 구매 또는 대여해 주세요.",
  ),
  PARENT_INVALID: invalid(
    "This cannot stand there",
    "이 위치에는 둘 수 없습니다",
    "A season belongs to a series and an episode to a season, each with a number. Films and series belong to nothing.",
    "시즌은 시리즈에, 에피소드는 시즌에 번호와 함께 속해야 하며, 영화와 시리즈는 어디에도 속하지 않습니다.",
  ),
  NUMBER_TAKEN: refused(
    "This number is taken",
    "이미 사용 중인 번호입니다",
    "Give it the next free number, or change the number of the other one first.",
    "비어 있는 번호를 사용하거나 기존 항목의 번호를 먼저 바꿔 주세요.",
  ),
  PERSON_NOT_FOUND: invalid(
    "This person is not known",
    "등록되지 않은 인물입니다",
    "Add the person first, or correct the id.",
    "인물을 먼저 등록하거나 ID를 확인해 주세요.",
  ),
  GENRE_NOT_FOUND: invalid(
    "This genre is not known",
    "등록되지 않은 장르입니다",
    "Add the genre first, or correct its code.",
    "장르를 먼저 등록하거나 코드를 확인해 주세요.",
  ),
  NOT_READY: refused(
    "It cannot be published yet",
    "아직 공개할 수 없습니다",
    "A film or an episode needs its encoded video first, and what belongs to a series needs that to be published.",
    "영화와 에피소드는 영상 인코딩이 끝나야 하고, 시즌과 에피소드는 상위 시리즈가 먼저 공개되어야 합니다.",
  ),
  SOURCE_NOT_FOUND: invalid(
    "This upload is not there",
    "업로드한 파일을 찾을 수 없습니다",
    "Upload the file first, to its end, and name its id.",
    "파일 업로드를 끝까지 완료한 뒤 해당 ID를 지정해 주세요.",
  ),
  UPLOAD_MISMATCH: conflict(
    "The upload has come to another place",
    "업로드 위치가 서버와 다릅니다",
    "Ask with HEAD how much has come, and continue from there, one request at a time.",
    "HEAD 요청으로 받은 크기를 확인한 뒤 그 위치부터 한 번에 하나씩 이어서 보내 주세요.",
  ),
  NOT_PLAYED: refused(
    "This has no video of its own",
    "자체 영상이 없는 항목입니다",
    "Give the video to a film or an episode.",
    "영상은 영화나 에피소드에 등록해 주세요.",
  ),
  ENCODING_IN_PROGRESS: refused(
    "Its video is being encoded",
    "이미 영상을 인코딩하고 있습니다",
    "Wait until that has ended, or cancel it first.",
    "진행 중인 인코딩이 끝나기를 기다리거나 먼저 취소해 주세요.",
  ),
  IMAGE_INVALID: invalid(
    "This is no picture that can be shown",
    "표시할 수 없는 이미지입니다",
    "Upload a JPEG, PNG or WebP of at most 20 MB and 50 million pixels.",
    "20MB 이하, 5천만 화소 이하의 JPEG, PNG 또는 WebP 파일을 업로드해 주세요.",
  ),
  SUBTITLES_INVALID: invalid(
    "These subtitles cannot be read",
    "자막 파일을 읽을 수 없습니다",
    "Upload WebVTT or SRT in UTF-8 of at most 1 MB. `line` and `cause` tell what is wrong where.",
    "1MB 이하의 UTF-8 WebVTT 또는 SRT 파일을 업로드해 주세요. `line`과 `cause`에서 잘못된 위치와 이유를 확인할 수 있습니다.",
  ),
  SUBTITLES_FULL: refused(
    "No more subtitles can be added",
    "자막을 더 추가할 수 없습니다",
    "Remove subtitles of another language first.",
    "다른 언어의 자막을 먼저 삭제해 주세요.",
  ),
  CHANGED_MEANWHILE: conflict(
    "This film was changed at the same time",
    "같은 시점에 이 작품이 변경되었습니다",
    "Send the same request again.",
    "같은 요청을 다시 보내 주세요.",
  ),
  HAS_PARTS: refused(
    "It still has seasons or episodes",
    "시즌이나 에피소드가 남아 있습니다",
    "Remove its seasons and episodes first.",
    "포함된 시즌과 에피소드를 먼저 삭제해 주세요.",
  ),
} as const;
