/** The errors of the product service, with advice for clients. */
import { invalid, refused } from "#core/errors.ts";

export const errors = {
  OUT_OF_STOCK: refused(
    "Not enough stock",
    "재고가 부족합니다",
    "Ask for fewer units than are sellable.",
    "판매 가능한 수량 이하로 요청해 주세요.",
  ),
  RESERVATION_RELEASED: refused(
    "The reservation was given back",
    "이미 해제된 재고 예약입니다",
    "Reserve under a new order: this one was given up.",
    "취소된 주문입니다. 새 주문으로 재고를 예약해 주세요.",
  ),
  RESERVATION_MISMATCH: refused(
    "The order has reserved something else",
    "주문의 재고 예약 내용이 다릅니다",
    "Ask with the lines that were reserved first.",
    "처음 예약한 상품과 수량으로 다시 요청해 주세요.",
  ),
  PRICE_CURRENCY: invalid(
    "A product keeps its currency",
    "상품의 통화는 바꿀 수 없습니다",
    "Set the price in the product's currency, or make a new product.",
    "상품의 기존 통화로 가격을 정하거나 새 상품을 등록해 주세요.",
  ),
  PRICE_IN_PAST: invalid(
    "A price cannot begin in the past",
    "지난 시각부터 가격을 적용할 수 없습니다",
    "Leave `from` out for now, or choose a time to come.",
    "바로 적용하려면 `from`을 생략하고, 예약하려면 앞으로의 시각을 지정해 주세요.",
  ),
  PRICE_PERIOD: invalid(
    "A price must end after it begins",
    "가격의 종료 시각이 시작 시각보다 늦어야 합니다",
    "Choose an `until` after `from`, or leave it out.",
    "`until`을 `from`보다 늦은 시각으로 지정하거나 생략해 주세요.",
  ),
  SLUG_TAKEN: refused(
    "Another product has or had this address",
    "다른 상품이 사용하고 있거나 사용했던 주소입니다",
    "Choose another `slug`: addresses that a product had go on leading to it.",
    "다른 `slug`를 사용해 주세요. 상품이 예전에 쓰던 주소는 계속 그 상품으로 연결됩니다.",
  ),
  CATEGORY_NOT_FOUND: invalid(
    "There is no such category",
    "존재하지 않는 카테고리입니다",
    "Choose one from the list of categories.",
    "카테고리 목록에서 선택해 주세요.",
  ),
  CATEGORY_CYCLE: refused(
    "A category cannot be below itself",
    "카테고리를 자신의 하위로 옮길 수 없습니다",
    "Choose a parent that is not below this category.",
    "이 카테고리의 하위가 아닌 상위 카테고리를 선택해 주세요.",
  ),
  CATEGORY_IN_USE: refused(
    "The category is in use",
    "사용 중인 카테고리입니다",
    "Move its products and the categories below it elsewhere first.",
    "상품과 하위 카테고리를 먼저 다른 곳으로 옮겨 주세요.",
  ),
} as const;
