/** The errors of the payment service, with advice for clients. */
import { invalid, paymentRefused, refused, unauthenticated, unavailable } from "#core/errors.ts";

export const errors = {
  DECLINED: paymentRefused(
    "The payment was declined",
    "결제가 승인되지 않았습니다",
    "Use another payment method, or ask the bank that issued the card.",
    "다른 결제 수단을 사용하거나 카드사에 문의해 주세요.",
  ),
  METHOD_INVALID: invalid(
    "Only tokens of the payment provider are taken",
    "결제사에서 발급한 토큰만 사용할 수 있습니다",
    "Send the token that the provider's form made of the card, never its number.",
    "카드 번호 대신 결제사의 입력 화면에서 발급된 토큰을 보내 주세요.",
  ),
  METHOD_NOT_FOUND: invalid(
    "This payment method is not known",
    "등록되지 않은 결제 수단입니다",
    "Save the payment method again, or choose another one.",
    "결제 수단을 다시 등록하거나 다른 결제 수단을 선택해 주세요.",
  ),
  METHODS_FULL: refused(
    "No more payment methods can be saved",
    "결제 수단을 더 등록할 수 없습니다",
    "Remove a saved payment method first.",
    "등록된 결제 수단을 먼저 삭제해 주세요.",
  ),
  CANCELLED: refused(
    "The payment was cancelled",
    "취소된 결제입니다",
    "Place a new order to pay again.",
    "다시 결제하려면 새로 주문해 주세요.",
  ),
  NOT_AUTHORIZED: refused(
    "The payment is not authorized yet",
    "아직 승인되지 않은 결제입니다",
    "Wait until the customer or the bank has approved it.",
    "고객 또는 카드사의 승인이 끝날 때까지 기다려 주세요.",
  ),
  AMOUNT_MISMATCH: refused(
    "The order has a payment of another amount",
    "주문의 결제 금액과 다릅니다",
    "Ask with the amount and currency that the payment was opened with.",
    "처음 결제를 요청한 금액과 통화로 다시 요청해 주세요.",
  ),
  AUTHORIZATION_EXPIRED: refused(
    "The authorization has expired",
    "결제 승인의 유효 기간이 지났습니다",
    "The bank holds the amount no longer. Ask the customer to pay again.",
    "카드사의 승인이 만료되었습니다. 고객에게 다시 결제를 요청해 주세요.",
  ),
  CAPTURE_EXCEEDED: refused(
    "No more than was authorized can be captured",
    "승인된 금액보다 많이 매입할 수 없습니다",
    "Capture at most what `capturable` says.",
    "`capturable`에 표시된 금액 이하로 매입해 주세요.",
  ),
  CAPTURE_MISMATCH: refused(
    "The capture of this id has another amount",
    "같은 ID의 매입 요청과 금액이 다릅니다",
    "Ask again with the same amount, or for another capture with another id.",
    "처음과 같은 금액으로 다시 요청하거나, 새 매입에는 다른 ID를 사용해 주세요.",
  ),
  CAPTURE_ONCE: refused(
    "This payment can be captured only once",
    "한 번만 매입할 수 있는 결제입니다",
    "Capture all of it, or a part with `final`, which releases the rest.",
    "전액을 매입하거나, 나머지를 해제하는 `final`과 함께 일부를 매입해 주세요.",
  ),
  CAPTURE_AT_ONCE: refused(
    "The payment provider captures only at once",
    "승인과 동시에만 매입하는 결제사입니다",
    "Authorize with `capture`, or set another provider to capture at shipment.",
    "`capture`와 함께 승인을 요청해 주세요. 배송할 때 매입하려면 다른 결제사를 설정해야 합니다.",
  ),
  CAPTURE_REFUSED: refused(
    "The payment provider refused the capture",
    "결제사가 매입을 거절했습니다",
    "Look at the payment: nothing of this capture was taken.",
    "이 요청으로 매입된 금액은 없습니다. 결제 상태를 확인해 주세요.",
  ),
  REFUND_EXCEEDED: refused(
    "No more than was captured can be refunded",
    "결제된 금액보다 많이 환불할 수 없습니다",
    "Refund at most what `refundable` says.",
    "`refundable`에 표시된 금액 이하로 환불해 주세요.",
  ),
  CURRENCY_MISMATCH: invalid(
    "The payment has another currency",
    "결제 통화가 다릅니다",
    "Refund in the currency that `currency` names.",
    "`currency`에 표시된 통화로 환불해 주세요.",
  ),
  MISMATCH: refused(
    "The payment provider's books differ from ours",
    "결제사의 결제 내역이 주문과 일치하지 않습니다",
    "We look into it. Do not pay again.",
    "확인하고 있으니 다시 결제하지 말아 주세요.",
  ),
  PROVIDER_UNAVAILABLE: unavailable(
    "The payment provider does not answer",
    "결제사가 응답하지 않습니다",
    "Nothing is lost: it is asked again by itself. Look at the payment in a moment.",
    "자동으로 다시 확인합니다. 잠시 후 결제 상태를 조회해 주세요.",
  ),
  SIGNATURE_INVALID: unauthenticated(
    "The signature is not valid",
    "서명이 유효하지 않습니다",
    "Sign the exact bytes of the body with the current secret and the present time.",
    "본문을 그대로, 현재 비밀 키와 현재 시각으로 서명해 주세요.",
  ),
} as const;
