/** What customers ask for while a product is sold out: one message when it is back. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { ById, Id, Nothing, Page, Strict, Timestamp } from "#core/schema.ts";

export const restockErrors = {
  RESTOCK_ALERTS_FULL: refused(
    "No more products can be waited for",
    "재입고 알림을 더 신청할 수 없습니다",
    "Remove an alert that you need no more, then try again.",
    "더 이상 필요하지 않은 알림을 취소한 다음 다시 시도해 주세요.",
  ),
  IN_STOCK: refused(
    "The product is in stock",
    "현재 구매할 수 있는 상품입니다",
    "Order it now: there is nothing to wait for.",
    "재고가 있으므로 지금 바로 주문해 주세요.",
  ),
  IN_VARIANTS: refused(
    "The product is sold in variants",
    "옵션을 선택해야 하는 상품입니다",
    "Choose one of its variants, and ask for an alert about that.",
    "옵션을 선택한 다음 해당 옵션의 재입고 알림을 신청해 주세요.",
  ),
} as const;

const RestockAlert = Type.Object({ id: Id, productId: Id, createdAt: Timestamp }, { title: "RestockAlert" });
export type RestockAlert = Static<typeof RestockAlert>;

const actions = {
  addRestockAlert: action({
    summary: "Let me know once, when a product that is sold out can be ordered again",
    rest: "POST /restock-alerts",
    keyless: "A person has one alert for a product: asked again, it is the same one.",
    status: 201,
    auth: "customer",
    input: Strict({
      productId: Type.String({ ...Id, description: "A product without variants, or one of its variants" }),
    }),
    output: RestockAlert,
    errors: ["NOT_FOUND", "IN_STOCK", "IN_VARIANTS", "RESTOCK_ALERTS_FULL"],
  }),
  listRestockAlerts: action({
    summary: "Products for which I wait: so few that one page holds them",
    rest: "GET /restock-alerts",
    export: "restockAlerts",
    auth: "customer",
    input: Strict({}),
    output: Page(RestockAlert),
  }),
  removeRestockAlert: action({
    summary: "Wait for a product no more",
    rest: "DELETE /restock-alerts/:id",
    status: 204,
    auth: "customer",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
};

export const restocks = { name: "restocks", actions: () => actions } satisfies Block;
