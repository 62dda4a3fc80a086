/** The errors of the account service, with advice for clients. */
import { forbidden, invalid, notFound, paymentRefused, refused } from "#core/errors.ts";

export const errors = {
  NOT_ENTITLED: refused(
    "Nothing that was paid for includes this film",
    "이 영상을 볼 수 있는 이용권이 없습니다",
    "Subscribe to a plan, or buy or rent the film.",
    "요금제를 구독하거나 영상을 구매 또는 대여해 주세요.",
  ),
  PROFILE_NOT_FOUND: notFound(
    "There is no such profile",
    "존재하지 않는 프로필입니다",
    "Choose one from the list of profiles.",
    "프로필 목록에서 선택해 주세요.",
  ),
  PIN_REQUIRED: forbidden(
    "The profile is locked",
    "잠긴 프로필입니다",
    "Send the profile's `pin`. For a profile that allows more, send the PIN of a parent's locked profile as `parentPin`.",
    "프로필의 `pin`을 함께 보내 주세요. 더 넓은 등급을 허용하려면 잠긴 보호자 프로필의 PIN을 `parentPin`으로 보내 주세요.",
  ),
  PIN_WRONG: forbidden(
    "The PIN is wrong",
    "PIN이 올바르지 않습니다",
    "Try again. After several wrong ones, the profile has to wait.",
    "다시 입력해 주세요. 여러 번 틀리면 잠시 기다려야 합니다.",
  ),
  PROFILES_FULL: refused(
    "No more profiles can be made",
    "프로필을 더 만들 수 없습니다",
    "Remove a profile first.",
    "기존 프로필을 먼저 삭제해 주세요.",
  ),
  CODE_TAKEN: refused(
    "Another plan has this code",
    "다른 요금제가 사용 중인 코드입니다",
    "Choose another code. Archived plans keep theirs.",
    "다른 코드를 사용해 주세요. 보관된 요금제의 코드도 다시 쓸 수 없습니다.",
  ),
  PLAN_NOT_FOUND: invalid(
    "This plan cannot be chosen",
    "선택할 수 없는 요금제입니다",
    "Choose one from the list of plans.",
    "요금제 목록에서 선택해 주세요.",
  ),
  ALREADY_SUBSCRIBED: refused(
    "There is a subscription already",
    "이미 구독 중입니다",
    "Change the plan of the subscription instead.",
    "기존 구독의 요금제를 변경해 주세요.",
  ),
  NOT_POSSIBLE: refused(
    "The subscription's state does not allow this",
    "현재 구독 상태에서는 할 수 없습니다",
    "Look at the subscription: `status` says how it stands.",
    "구독의 `status`를 확인해 주세요.",
  ),
  NOT_OFFERED: invalid(
    "The film is not offered like this",
    "이 방식으로는 구매하거나 대여할 수 없는 영상입니다",
    "Look at what the film's `offers` say.",
    "영상의 `offers`에서 가능한 방식을 확인해 주세요.",
  ),
  NOT_AVAILABLE: refused(
    "The film cannot be watched where you are, or not for long enough",
    "현재 지역에서 볼 수 없거나 시청 가능 기간이 부족한 영상입니다",
    "Choose another film. `until`, if it is there, tells when this one may no longer be watched.",
    "다른 영상을 선택해 주세요. `until`이 있으면 그때부터 이 영상을 볼 수 없습니다.",
  ),
  ALREADY_OWNED: refused(
    "The film is yours already",
    "이미 구매했거나 대여 중인 영상입니다",
    "Play it: nothing more has to be paid.",
    "추가 결제 없이 바로 시청할 수 있습니다.",
  ),
  TITLES_RELEASED: refused(
    "The order's films were given up",
    "이미 취소된 주문의 영상입니다",
    "Ask under a new order: this one was given up.",
    "취소된 주문입니다. 새 주문으로 다시 요청해 주세요.",
  ),
  PREVIEW_EXPIRED: refused(
    "The shown price does not hold any more",
    "표시된 금액의 유효 시간이 지났습니다",
    "Look at the price of the change again.",
    "변경 금액을 다시 확인해 주세요.",
  ),
  CLOCK_BACK: refused(
    "A test clock only goes on, five years at most",
    "테스트 시계는 앞으로만, 최대 5년까지 옮길 수 있습니다",
    "Choose a later time, or look at the clock's present one.",
    "시계의 현재 시각을 확인하고 그보다 뒤의 시각을 지정해 주세요.",
  ),
  CLOCK_ADVANCING: refused(
    "The test clock is being moved",
    "테스트 시계를 옮기는 중입니다",
    "Wait until its `status` is `ready`.",
    "`status`가 `ready`가 될 때까지 기다려 주세요.",
  ),
  CLOCK_REFUSED: refused(
    "This account has real invoices, so it gets no test clock",
    "실제 청구서가 있는 계정에는 테스트 시계를 쓸 수 없습니다",
    "Use an account that was made for tests, and begin its clock before it buys anything.",
    "테스트용 계정을 만들어 결제하기 전에 시계를 시작해 주세요.",
  ),
  PAYMENT_DECLINED: paymentRefused(
    "The payment was declined",
    "결제가 승인되지 않았습니다",
    "Choose another payment method for the subscription, or ask the bank why.",
    "구독에 다른 결제 수단을 사용하거나 카드사에 사유를 확인해 주세요.",
  ),
  PAYMENT_METHOD_INVALID: invalid(
    "This payment method cannot be used",
    "사용할 수 없는 결제 수단입니다",
    "Send a token of the payment provider, or the id of a saved payment method.",
    "결제사의 토큰이나 등록된 결제 수단의 ID를 보내 주세요.",
  ),
} as const;
