/** The rules by which the saga of an order moves, by exhaustion: no way that it can go loses money or stock. */
import * as moves from "#mixins/saga/moves.ts";
import { explore } from "../../test/support/invariants/saga-explorer.ts";
import { dueSaga } from "../../test/support/fixtures/saga-row.ts";
import { placeOrder, placeOrderBefore, placeOrderFirst, placeOrderSecond } from "./order.saga.ts";

const { steps } = placeOrder;
/** Releasing what an order reserved returns what was committed too, and so with what it holds of coupons. */
const undoneBy = { commitStock: "reserveStock", redeemBenefits: "holdBenefits", grantTitles: "holdTitles" };
const tea = { productId: "tea", quantity: 1, lineTotal: { amount: 1 }, tax: { amount: 0 } };
const film = { ...tea, productId: "film", title: { kind: "buy" } };
const inputOf = (amount: number, coupons?: readonly object[], items: readonly object[] = [tea]) => ({
  order: { total: { amount }, coupons, items },
});
/** Without coupons. */
const input = inputOf(1);

describe("the saga of an order", () => {
  it.each([
    ["of the first release", placeOrderFirst.steps, input],
    ["of the second version", placeOrderSecond.steps, inputOf(1, [{}])],
    ["of the release before", placeOrderBefore.steps, { ...inputOf(1, [{}]), capture: "shipment" }],
    ["that is captured at once", steps, { ...inputOf(1, [{}]), capture: "at_once" }],
    ["that is captured as it is sent", steps, { ...input, capture: "shipment" }],
    ["without coupons", steps, input],
    ["with coupons", steps, inputOf(1, [{}])],
    ["that costs nothing", steps, inputOf(0, [{}])],
    ["with goods and a film", steps, inputOf(2, undefined, [tea, film])],
    ["whose film is captured before its goods", steps, { ...inputOf(2, undefined, [tea, film]), capture: "shipment" }],
    ["of films alone", steps, inputOf(1, [{}], [film])],
  ])("%s ends completed, compensated or parked, whatever happens on its way", (_, of, about) => {
    const { states, ends, broken } = explore({ steps: of, input: about, undoneBy });
    expect(broken).toBeUndefined();
    expect([...ends].toSorted()).toEqual(["compensated", "completed", "parked"]);
    expect(states).toBeGreaterThan(1000);
  });

  it("passes over what it has no need of, and never asks for that", () => {
    const asked = (about: object, from: number) =>
      steps[moves.afterStep({ ...dueSaga("1"), input: about, step: from }, steps).step]!.name;
    expect(asked(input, 0)).toBe("authorizePayment");
    expect(asked(inputOf(1, [{}]), 0)).toBe("holdBenefits");
    expect(asked(inputOf(0, [{}]), 2)).toBe("commitStock");
    expect(asked(inputOf(1, [], [film]), 4)).toBe("redeemBenefits");
    expect(asked(inputOf(1, undefined, [film]), 4)).toBe("grantTitles");
    const both = inputOf(2, undefined, [tea, film]);
    expect(asked(both, 0)).toBe("holdTitles");
    expect(asked({ ...both, capture: "shipment" }, 3)).toBe("capturePayment");
    for (const capture of ["at_once", "shipment"]) expect(asked({ ...input, capture }, 3)).toBe("commitStock");
    expect(moves.afterStep({ ...dueSaga("1"), input, step: 5 }, steps).status).toBe("completed");
    expect(steps[moves.toUndo({ ...dueSaga("1"), input, step: 1 }, steps).step]!.name).toBe("reserveStock");
  });

  it("would keep a coupon without the undo of its hold", () => {
    const without = steps.map(({ undo, ...step }) => (undo && step.name !== "holdBenefits" ? { ...step, undo } : step));
    const { broken } = explore({ steps: without, input: inputOf(1, [{}]), undoneBy });
    expect(broken?.what).toBe("compensated, but for holdBenefits");
  });

  it.each([
    ["reserveStock", "reserveStock", ["reserveStock has happened, and is refused when its call is repeated"]],
    [
      "authorizePayment",
      "authorizePayment",
      [
        "reserveStock is done",
        "authorizePayment has happened, and is refused when its call is repeated",
        "reserveStock is undone",
      ],
    ],
    [
      "capturePayment",
      "capturePayment",
      [
        "reserveStock is done",
        "authorizePayment is done",
        "capturePayment has happened, and is refused when its call is repeated",
        "authorizePayment is undone",
        "reserveStock is undone",
      ],
    ],
  ])("would keep something without the undo of %s, and the shortest way shows it", (name, kept, path) => {
    const without = steps.map(({ undo, ...step }) => (undo && step.name !== name ? { ...step, undo } : step));
    const { broken } = explore({ steps: without, input, undoneBy });
    expect(broken).toEqual({ what: `compensated, but for ${kept}`, path });
  });

  it.each<[string, Partial<typeof moves>, string]>([
    [
      "a step is passed over",
      { afterStep: (saga, all) => moves.afterStep({ ...saga, step: Math.min(saga.step + 1, all.length - 1) }, all) },
      "completed without",
    ],
    [
      "a refusal never counts as one that may have happened",
      { afterRefusal: (saga, all, reason) => moves.afterRefusal({ ...saga, epoch: 1 }, all, reason, false) },
      "compensated, but for",
    ],
    [
      "a refused repetition counted as the answer to the first attempt",
      { afterRefusal: (saga, all, reason) => moves.afterRefusal(saga, all, reason, false) },
      "compensated, but for reserveStock",
    ],
    ["undoing never ends", { afterUndo: (saga) => saga }, "leads to no end"],
  ])("would be found wrong if %s", (_rule, rules, what) => {
    expect(explore({ steps, input, undoneBy, rules }).broken?.what).toContain(what);
  });

  it("would keep an authorization if its owner went on after a pause without claiming it again", () => {
    const isGoing: typeof moves.isGoing = (saga) => moves.isGoing({ ...saga, owner: "node" });
    const { broken } = explore({ steps, input, undoneBy, rules: { isGoing }, fault: "authorizePayment" });
    expect(broken).toEqual({
      what: "compensated, but for authorizePayment",
      path: [
        "reserveStock is done",
        "authorizePayment happens, and its answer is lost, and its owner goes on after the pause",
        "authorizePayment is refused",
        "reserveStock is undone",
      ],
    });
  });
});
