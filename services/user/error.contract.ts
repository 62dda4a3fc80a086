/** The errors of the user service, with advice for clients. */
import { refused, unauthenticated } from "#core/errors.ts";

export const errors = {
  EMAIL_TAKEN: refused(
    "There is an account with this e-mail address",
    "이미 가입된 이메일 주소입니다",
    "Sign in, or use another address.",
    "로그인하거나 다른 이메일 주소를 사용해 주세요.",
  ),
  BAD_CREDENTIALS: unauthenticated(
    "The e-mail address or the password is wrong",
    "이메일 주소 또는 비밀번호가 올바르지 않습니다",
    "Check the spelling of both, and Caps Lock.",
    "입력한 내용과 Caps Lock 상태를 확인해 주세요.",
  ),
  API_KEYS_FULL: refused(
    "There are too many API keys",
    "API 키를 더 만들 수 없습니다",
    "Revoke keys that no machine uses any more.",
    "더 이상 사용하지 않는 키를 먼저 폐기해 주세요.",
  ),
  REFRESH_TOKEN_INVALID: unauthenticated(
    "The session has ended, sign in again",
    "세션이 종료되었습니다. 다시 로그인해 주세요",
    "Sign in again with e-mail address and password.",
    "이메일 주소와 비밀번호로 다시 로그인해 주세요.",
  ),
  REFRESH_TOKEN_REUSED: unauthenticated(
    "The refresh token was used twice, so its session has ended",
    "이미 사용된 리프레시 토큰이므로 세션을 종료했습니다",
    "Sign in again. Change the password if somebody else may have the token.",
    "다시 로그인해 주세요. 토큰이 유출된 것 같다면 비밀번호를 변경해 주세요.",
  ),
  AUTHORIZATION_PENDING: refused(
    "The device is not approved yet",
    "아직 승인되지 않은 기기입니다",
    "Ask again after `interval` seconds.",
    "`interval`초 뒤에 다시 요청해 주세요.",
  ),
  SLOW_DOWN: refused(
    "The device asks too often",
    "요청 간격이 너무 짧습니다",
    "Wait five seconds longer between two questions from now on.",
    "지금부터 요청 간격을 5초 더 늘려 주세요.",
  ),
  DEVICE_REFUSED: refused(
    "The sign-in of the device was refused",
    "기기의 로그인이 거부되었습니다",
    "Begin again with a new code.",
    "새 코드를 받아 다시 시작해 주세요.",
  ),
  DEVICE_CODE_INVALID: unauthenticated(
    "The device's code has expired, or was used",
    "만료되었거나 이미 사용된 기기 코드입니다",
    "Show a new code and begin again.",
    "새 코드를 표시하고 다시 시작해 주세요.",
  ),
  EMAIL_VERIFIED: refused(
    "This e-mail address is verified already",
    "이미 인증된 이메일 주소입니다",
    "There is nothing left to do.",
    "추가로 하실 일은 없습니다.",
  ),
  LINK_INVALID: refused(
    "This link has expired, or was used already",
    "만료되었거나 이미 사용된 링크입니다",
    "Have another e-mail sent, and use its link.",
    "이메일을 다시 요청한 뒤 새 링크를 사용해 주세요.",
  ),
  EMAIL_UNVERIFIED: refused(
    "This needs a verified e-mail address",
    "이메일 주소 인증이 필요합니다",
    "Confirm your address with the link that was sent to it, or have another sent.",
    "메일로 받은 링크로 주소를 인증하거나 인증 메일을 다시 요청해 주세요.",
  ),
  SECOND_FACTOR_REQUIRED: unauthenticated(
    "The password is right, and a code is needed",
    "비밀번호가 확인되었으며 인증 코드가 필요합니다",
    "Send `challenge` with a code of the authenticator app to `POST /sessions/second-factor` within five minutes.",
    "5분 안에 `challenge`와 인증 앱의 코드를 `POST /sessions/second-factor`로 보내 주세요.",
  ),
  CHALLENGE_INVALID: unauthenticated(
    "This sign-in has expired, or was completed already",
    "만료되었거나 이미 완료된 로그인입니다",
    "Begin again with e-mail address and password, then send the code.",
    "이메일 주소와 비밀번호부터 다시 입력한 뒤 코드를 보내 주세요.",
  ),
  CODE_WRONG: refused(
    "The code is wrong, or was used already",
    "코드가 올바르지 않거나 이미 사용되었습니다",
    "Wait for the next code of the app, check the clock of the phone, or use a recovery code.",
    "다음 코드가 표시되면 다시 입력해 주세요. 휴대폰의 시각을 확인하거나 복구 코드를 사용해 주세요.",
  ),
  SECOND_FACTOR_ON: refused(
    "There is a second factor already",
    "이미 2단계 인증을 사용하고 있습니다",
    "Remove it first, to begin with another app.",
    "다른 앱을 등록하려면 먼저 2단계 인증을 해제해 주세요.",
  ),
  SECOND_FACTOR_OFF: refused(
    "There is no second factor",
    "2단계 인증을 사용하고 있지 않습니다",
    "Begin one with `POST /users/me/second-factor`.",
    "`POST /users/me/second-factor`로 먼저 시작해 주세요.",
  ),
  LAST_ADMIN: refused(
    "The last administrator stays one",
    "마지막 관리자는 권한을 해제하거나 탈퇴할 수 없습니다",
    "Make somebody else an administrator first.",
    "먼저 다른 사람을 관리자로 지정해 주세요.",
  ),
  COUPON_CODE_TAKEN: refused(
    "There is a coupon with this code",
    "이미 사용 중인 쿠폰 코드입니다",
    "Choose another code. Case, accents and blanks make no difference.",
    "다른 코드를 정해 주세요. 대소문자와 공백은 구별하지 않습니다.",
  ),
  COUPON_IN_USE: refused(
    "More of the coupon is used already",
    "이미 그보다 많이 사용된 쿠폰입니다",
    "Choose a cap or a budget that is not below `uses` or `spent`, or disable the coupon.",
    "`uses`나 `spent`보다 작지 않은 값을 정하거나 쿠폰을 중지해 주세요.",
  ),
  COUPON_REFUSED: refused(
    "A coupon is not good for this order",
    "이 주문에 사용할 수 없는 쿠폰입니다",
    "Look into `coupons` for the reason of each. Order without it, or with another.",
    "`coupons`에서 쿠폰과 이유를 확인한 뒤 빼거나 다른 쿠폰으로 주문해 주세요.",
  ),
  BENEFITS_RELEASED: refused(
    "The order has given its coupons and points back",
    "쿠폰과 포인트를 이미 돌려준 주문입니다",
    "Place a new order.",
    "새로 주문해 주세요.",
  ),
  BENEFITS_MISMATCH: refused(
    "The order holds other coupons or points",
    "주문이 이미 다른 쿠폰이나 포인트를 사용하고 있습니다",
    "Ask with the coupons and points with which the order was placed.",
    "주문할 때의 쿠폰과 포인트로 요청해 주세요.",
  ),
  TOO_MANY_ADDRESSES: refused(
    "No more addresses can be kept",
    "더 이상 주소를 등록할 수 없습니다",
    "Remove an address first.",
    "기존 주소를 먼저 삭제해 주세요.",
  ),
} as const;
