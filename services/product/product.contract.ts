/** What the product service offers: catalogue, categories, prices, stock and reservations. */
import { defineContract } from "#core/contract.ts";
import { invalid, refused } from "#core/errors.ts";
import { catalogueActions } from "./catalogue.contract.ts";
import { categoryActions } from "./category.contract.ts";
import { serviceActions, stockActions } from "./stock.contract.ts";

export const product = defineContract("product", {
  summary: "Product information, categories, prices, stock and its reservations",
  errors: {
    OUT_OF_STOCK: refused("Not enough stock", "재고가 부족합니다"),
    RESERVATION_RELEASED: refused("The reservation was given back", "이미 해제된 재고 예약입니다"),
    RESERVATION_MISMATCH: refused("The order has reserved something else", "주문의 재고 예약 내용이 다릅니다"),
    PRICE_CURRENCY: invalid("A product keeps its currency", "상품의 통화는 바꿀 수 없습니다"),
    PRICE_IN_PAST: invalid("A price cannot begin in the past", "지난 시각부터 가격을 적용할 수 없습니다"),
    CATEGORY_NOT_FOUND: invalid("There is no such category", "존재하지 않는 카테고리입니다"),
    CATEGORY_CYCLE: refused("A category cannot be below itself", "카테고리를 자신의 하위로 옮길 수 없습니다"),
    CATEGORY_IN_USE: refused("The category is in use", "사용 중인 카테고리입니다"),
  },
  actions: { ...catalogueActions, ...categoryActions, ...stockActions, ...serviceActions },
});

declare module "#core/contract.ts" {
  interface Contracts {
    product: typeof product;
  }
}
