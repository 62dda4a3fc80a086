/** The errors of the order service, with advice for clients. */
import { conflict, invalid, paymentRefused, refused } from "#core/errors.ts";

export const errors = {
  RATES_AMBIGUOUS: invalid(
    "Two rates are for the same products",
    "같은 상품에 적용되는 세율이 둘 이상입니다",
    "Give each rate another `homeRate`, and leave it out of one at most.",
    "`homeRate`를 서로 다르게 지정하고, 생략은 하나만 해 주세요.",
  ),
  RULES_AMBIGUOUS: invalid(
    "Two rules are for the same country, or two steps for the same subtotal",
    "같은 국가의 규칙이나 같은 금액의 구간이 둘 이상입니다",
    "Give each rule another `country` and each step another `from`.",
    "규칙마다 `country`를, 구간마다 `from`을 다르게 지정해 주세요.",
  ),
  OUT_OF_STOCK: refused(
    "Not enough stock",
    "재고가 부족합니다",
    "Order fewer units, or try again later.",
    "수량을 줄이거나 나중에 다시 주문해 주세요.",
  ),
  PRODUCT_UNAVAILABLE: refused(
    "A product is not on sale",
    "판매하지 않는 상품이 있습니다",
    "Remove the products that `productIds` names from the order.",
    "`productIds`에 있는 상품을 빼고 주문해 주세요.",
  ),
  VARIANT_REQUIRED: refused(
    "A variant has to be chosen",
    "옵션을 선택해야 하는 상품이 있습니다",
    "Instead of the products that `productIds` names, send one of their variants.",
    "`productIds`에 있는 상품 대신 옵션 상품을 선택해 주세요.",
  ),
  MIXED_CURRENCIES: refused(
    "All items must have one currency",
    "통화가 다른 상품은 함께 주문할 수 없습니다",
    "Place one order for each currency.",
    "통화별로 나누어 주문해 주세요.",
  ),
  TOTAL_TOO_LARGE: invalid(
    "The total is too large",
    "주문 금액이 너무 큽니다",
    "Order less, so that the total stays within the limit.",
    "한도를 넘지 않도록 주문 금액을 줄여 주세요.",
  ),
  TOO_LARGE: invalid(
    "The order is too large",
    "한 번에 주문할 수 있는 내용을 넘었습니다",
    "Split it into several orders.",
    "여러 건으로 나누어 주문해 주세요.",
  ),
  PRICE_CHANGED: conflict(
    "A price has changed since the quote",
    "견적 이후 가격이 변경되었습니다",
    "Ask for a new quote, and order again if its prices suit you.",
    "견적을 다시 받아 가격을 확인한 뒤 주문해 주세요.",
  ),
  QUOTE_EXPIRED: refused(
    "The quote has expired",
    "견적의 유효 기간이 지났습니다",
    "Ask for a new quote, or order without one at today's prices.",
    "견적을 다시 받거나, 견적 없이 현재 가격으로 주문해 주세요.",
  ),
  QUOTE_MISMATCH: invalid(
    "The quote is for other items",
    "견적과 주문 상품이 다릅니다",
    "Order exactly the products and quantities of the quote, or ask for another one.",
    "견적과 같은 상품과 수량으로 주문하거나 견적을 다시 받아 주세요.",
  ),
  CART_FULL: refused(
    "The cart takes no more products",
    "장바구니에 더 담을 수 없습니다",
    "Take a product out first, or order what is there.",
    "담긴 상품을 빼거나 먼저 주문해 주세요.",
  ),
  CART_CHANGED: conflict(
    "The cart has changed since it was shown",
    "그사이 장바구니가 변경되었습니다",
    "Show the cart again, and order with its new version.",
    "장바구니를 다시 확인하고 새 version으로 주문해 주세요.",
  ),
  PAYMENT_DECLINED: paymentRefused(
    "The payment was declined",
    "결제가 승인되지 않았습니다",
    "Nothing was charged. Place a new order with another payment method.",
    "결제된 금액은 없습니다. 다른 결제 수단으로 다시 주문해 주세요.",
  ),
  PAYMENT_METHOD_INVALID: invalid(
    "This payment method cannot be used",
    "사용할 수 없는 결제 수단입니다",
    "Send a token of the payment provider or the id of a saved method, never a card number.",
    "카드 번호가 아니라 결제사에서 발급한 토큰이나 등록된 결제 수단의 ID를 보내 주세요.",
  ),
  EXPIRED: refused(
    "The payment was not finished in time",
    "결제 가능 시간이 지났습니다",
    "Nothing was charged. Place a new order, and finish its payment sooner.",
    "결제된 금액은 없습니다. 다시 주문한 뒤 제한 시간 안에 결제를 마쳐 주세요.",
  ),
  CANCELLED: refused(
    "The order was cancelled",
    "취소된 주문입니다",
    "Place a new order, with a new Idempotency-Key.",
    "새 Idempotency-Key로 다시 주문해 주세요.",
  ),
  FAILED: refused(
    "The order could not be completed, and nothing was charged",
    "주문을 완료하지 못했습니다. 결제된 금액은 없습니다",
    "Place the order again. Tell us the order if it fails once more.",
    "다시 주문해 주세요. 계속 실패하면 고객센터에 문의해 주세요.",
  ),
  NOT_CANCELLABLE: refused(
    "The order can no longer be cancelled",
    "취소할 수 없는 주문입니다",
    "Wait until it arrives, and ask for a return.",
    "상품을 받은 뒤 반품을 신청해 주세요.",
  ),
  NOT_PARKED: refused(
    "The order does not need attention",
    "확인이 필요한 주문이 아닙니다",
    "Look at its state first: only an order in `needs_attention` is set right by hand.",
    "주문 상태를 확인해 주세요. `needs_attention` 상태인 주문만 직접 처리할 수 있습니다.",
  ),
} as const;
