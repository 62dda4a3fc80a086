import Type from "typebox";
import { action, defineContract, errorCode } from "./contract.ts";
import { paymentRefused, refused } from "./errors.ts";

const nothing = { summary: "", input: Type.Object({}), output: Type.Null() } as const;

describe("defineContract", () => {
  const shop = defineContract("gift-shop", {
    summary: "Gifts",
    errors: {
      SOLD_OUT: refused("Sold out", "품절", "Come back later.", "나중에 다시 찾아 주세요."),
      DECLINED: paymentRefused("Declined", "거절", "Pay otherwise.", "다른 방법으로 결제해 주세요."),
    },
    actions: { buy: action({ ...nothing, auth: "customer", rest: "POST /gifts", errors: ["SOLD_OUT", "NOT_FOUND"] }) },
  });

  it("makes errors that carry the service's name", () => {
    expect(shop.error("SOLD_OUT", { left: 0 })).toMatchObject({
      type: "GIFT_SHOP_SOLD_OUT",
      code: 409,
      message: "Sold out",
      data: { left: 0 },
    });
    expect(shop.error("DECLINED")).toMatchObject({ type: "GIFT_SHOP_DECLINED", code: 402 });
  });

  it("makes shared errors without it", () => {
    expect(shop.error("NOT_FOUND")).toMatchObject({ type: "NOT_FOUND", code: 404 });
    expect([errorCode("order", "NOT_FOUND"), errorCode("order", "SOLD_OUT")]).toEqual(["NOT_FOUND", "ORDER_SOLD_OUT"]);
  });

  it("is version 1 by default", () => {
    expect(shop.version).toBe(1);
    expect(defineContract("gift-shop", { summary: "", version: 2, actions: {} }).version).toBe(2);
  });

  it("refuses a route to what only services may call", () => {
    const open = () =>
      defineContract("shop", {
        summary: "",
        actions: { hold: action({ ...nothing, auth: "service", rest: "POST /holds" }) },
      });
    expect(open).toThrow("shop.hold is for services only and cannot have a route.");
  });

  it("refuses an error that nobody defined", () => {
    const typo = () =>
      defineContract("shop", {
        summary: "",
        actions: { buy: action({ ...nothing, auth: "public", errors: ["SOLD_OTU"] }) },
      });
    expect(typo).toThrow("shop.buy names the error SOLD_OTU, which its contract does not define.");
  });

  it.each([
    ["is shown by what is not there", { shownBy: "show" }, "is shown by show, which is no action with a GET route"],
    ["is shown by id, and answers none", { shownBy: "get" }, "needs the field id in its answer"],
    ["is unfinished, and cannot be followed", { unfinished: { a: ["b"] } }, "but no action shows how it goes on"],
    ["is unfinished by a field that is not there", { shownBy: "list", unfinished: { a: ["b"] } }, "needs the field a"],
  ])("refuses an action that %s", (_, following, refusal) => {
    const actions = {
      list: action({ ...nothing, auth: "public", rest: "GET /gifts" }),
      get: action({ ...nothing, auth: "public", rest: "GET /gifts/:id" }),
      buy: { ...nothing, auth: "public", ...following } as const,
    };
    expect(() => defineContract("shop", { summary: "", actions })).toThrow(refusal);
  });
});
