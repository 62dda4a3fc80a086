/**
 * What staff do with coupons, and what the order service is told of them.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { errorOf, userService } from "../../test/support/systems/user-service.ts";

const { call, personWith } = userService();
const won = (amount: number) => ({ amount, currency: "KRW" as const });
let token: string;
beforeAll(async () => {
  ({ token } = await personWith("customer", "staff"));
});

const ten = { kind: "percent", percent: 1000 } as const;

describe("a coupon", () => {
  it("is offered, found by its code however that is written, changed and disabled", async () => {
    const code = `Spring ${newId().slice(-6)}`;
    const terms = { ...ten, minimums: [won(10_000)], most: 5, from: "2026-01-01T00:00:00.000Z" };
    const made = await call("user.addCoupon", { code, ...terms }, token);
    expect(made).toMatchObject({ code, ...terms, stackable: false, disabled: false, held: 0, redeemed: 0, version: 1 });
    const written = code.toUpperCase().replace(" ", "  ");
    expect(await call("user.listCoupons", { code: written }, token)).toMatchObject({ items: [made] });
    await expect(call("user.addCoupon", { code: written, ...ten }, token)).rejects.toEqual(
      errorOf("USER_COUPON_CODE_TAKEN"),
    );
    const { id } = made;
    const changed = await call("user.editCoupon", { id, version: 1, most: null, disabled: true, percent: 500 }, token);
    expect(changed).toMatchObject({ percent: 500, disabled: true, version: 2, minimums: [won(10_000)] });
    expect(changed).not.toHaveProperty("most");
    expect(await call("user.getCoupon", { id }, token)).toEqual(changed);
    await expect(call("user.editCoupon", { id, version: 1 }, token)).rejects.toEqual(errorOf("STALE_VERSION"));
    await expect(call("user.editCoupon", { id: newId() }, token)).rejects.toEqual(errorOf("NOT_FOUND"));
  });

  it.each([
    ["/percent", { kind: "amount", amounts: [won(1)], percent: 1 }],
    ["/percent", { kind: "percent" }],
    ["/amounts", { kind: "amount" }],
    ["/amounts", { kind: "amount", amounts: [won(1), won(2)] }],
    ["/minimums", { ...ten, minimums: [won(1), won(2)] }],
    ["/until", { ...ten, from: "2026-01-02T00:00:00.000Z", until: "2026-01-01T00:00:00.000Z" }],
  ] as const)("is refused where its terms do not fit together: %s", async (pointer, terms) => {
    await expect(call("user.addCoupon", { code: newId(), ...(terms as typeof ten) }, token)).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
      data: { errors: [{ pointer }] },
    });
  });

  it("keeps its budget's currency, and gets no budget later", async () => {
    const make = async (budget?: ReturnType<typeof won>) =>
      (await call("user.addCoupon", { code: newId(), ...ten, ...(budget && { budget }) }, token)).id;
    const [rich, poor] = [await make(won(1000)), await make()];
    expect(await call("user.editCoupon", { id: rich, budget: won(2000) }, token)).toMatchObject({
      budget: won(2000),
      spent: won(0),
    });
    for (const change of [
      { id: rich, budget: { amount: 1, currency: "USD" as const } },
      { id: poor, budget: won(1) },
    ])
      await expect(call("user.editCoupon", change, token)).rejects.toEqual(errorOf("VALIDATION_FAILED"));
  });
});
