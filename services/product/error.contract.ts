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
  SKU_TAKEN: refused(
    "Another product has this SKU",
    "다른 상품이 사용 중인 SKU입니다",
    "Choose another `sku`: each is one product's, or one variant's.",
    "다른 `sku`를 사용해 주세요. SKU는 상품이나 옵션 상품마다 하나씩만 쓸 수 있습니다.",
  ),
  IN_VARIANTS: refused(
    "The product is sold in variants",
    "옵션별로 판매하는 상품입니다",
    "Ask for one of its variants: each has a price and stock of its own.",
    "옵션 상품을 지정해 주세요. 가격과 재고는 옵션 상품마다 따로 있습니다.",
  ),
  IS_VARIANT: refused(
    "This belongs to the product of which it is a variant",
    "옵션 상품이 아니라 원 상품에서 바꿀 수 있는 항목입니다",
    "Change the product that `variantOf` names; a variant has only its own `sku`, price and stock.",
    "`variantOf`의 상품에서 변경해 주세요. 옵션 상품은 `sku`, 가격, 재고만 따로 가집니다.",
  ),
  NO_OPTIONS: refused(
    "The product has no options",
    "옵션이 없는 상품입니다",
    "Set its options first, with their values.",
    "옵션과 값을 먼저 설정해 주세요.",
  ),
  OPTION_UNKNOWN: invalid(
    "The product has no such option or value",
    "상품에 없는 옵션이나 값입니다",
    "Leave `id` out for what is new, or take one from the product's `options`.",
    "새 항목은 `id`를 생략하고, 기존 항목은 상품의 `options`에 있는 `id`를 보내 주세요.",
  ),
  OPTION_VALUE_UNKNOWN: invalid(
    "A variant has one value of each option",
    "옵션마다 값을 하나씩 지정해야 합니다",
    "Send one of the values of each option, in the order of `options`.",
    "`options`의 순서대로 각 옵션의 값을 하나씩 보내 주세요.",
  ),
  OPTION_IN_USE: refused(
    "Variants have what would go",
    "옵션 상품이 사용 중인 옵션입니다",
    "Archive the variants first; names and the order of values may change, and values may come.",
    "해당 옵션 상품을 먼저 판매 종료해 주세요. 이름과 값의 순서를 바꾸거나 값을 추가하는 것은 가능합니다.",
  ),
  STOCK_LEFT: refused(
    "The product still has stock of its own",
    "상품 자체의 재고가 남아 있습니다",
    "Book its stock out first, and into its variants afterwards.",
    "재고를 먼저 출고 처리한 뒤 옵션 상품에 입고해 주세요.",
  ),
  VARIANT_EXISTS: refused(
    "There is a variant of these values",
    "같은 옵션 조합의 상품이 이미 있습니다",
    "Change that one, or choose other values.",
    "기존 옵션 상품을 수정하거나 다른 값을 선택해 주세요.",
  ),
  VARIANTS_FULL: refused(
    "A product cannot have so many variants",
    "옵션 상품 수가 한도를 넘습니다",
    "Use fewer values, or make several products.",
    "옵션 값을 줄이거나 상품을 나누어 등록해 주세요.",
  ),
  OWN_LANGUAGE: refused(
    "This is the language in which the shop writes",
    "상점의 기본 언어입니다",
    "Change the product or the category itself: its own texts are in this language.",
    "기본 언어의 내용은 상품이나 카테고리에서 직접 수정해 주세요.",
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
