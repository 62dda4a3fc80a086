/**
 * Saved payment methods: tokens and labels, never numbers.
 * @databases sqlite postgres
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { PaymentNode, won } from "../../test/support/systems/payment-service.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  paymentNode = await PaymentNode.open();
});
afterAll(() => paymentNode.close());

const save = (user: { id: string }, token: string) => paymentNode.as(user, "payment.saveMethod", { token });

describe("payment methods", () => {
  it("are saved by token, known by brand and last digits, and paid with by id", async () => {
    const user = { id: newId() };
    const method = await save(user, "tok_success");
    expect(method).toMatchObject({ provider: "sandbox", brand: "visa", last4: "4242" });
    expect(method).not.toHaveProperty("token");
    expect(await save(user, "tok_success")).toEqual(method);
    expect(await paymentNode.as(user, "payment.listMethods", {})).toEqual({ items: [method], nextCursor: null });
    const request = { orderId: newId(), amount: won(100), paymentMethod: method.id };
    expect(await paymentNode.asOrder("payment.authorize", request, user.id)).toMatchObject({
      status: "requires_capture",
    });
  });

  it("belong to one person", async () => {
    const owner = { id: newId() };
    const stranger = { id: newId() };
    const { id } = await save(owner, "tok_success");
    expect((await paymentNode.as(stranger, "payment.listMethods", {})).items).toEqual([]);
    await expect(paymentNode.as(stranger, "payment.removeMethod", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
    const request = { orderId: newId(), amount: won(100), paymentMethod: id };
    await expect(paymentNode.asOrder("payment.authorize", request, stranger.id)).rejects.toMatchObject({
      type: "PAYMENT_METHOD_NOT_FOUND",
    });
    expect(await paymentNode.as(owner, "payment.removeMethod", { id })).toBeNull();
    await expect(paymentNode.as(owner, "payment.removeMethod", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it("go on paying for an order that was begun with them", async () => {
    const user = { id: newId() };
    const { id } = await save(user, "tok_success");
    const request = { orderId: newId(), amount: won(100), paymentMethod: id };
    const first = await paymentNode.asOrder("payment.authorize", request, user.id);
    await paymentNode.as(user, "payment.removeMethod", { id });
    expect(await paymentNode.asOrder("payment.authorize", request, user.id)).toEqual(first);
  });

  it("are limited in number", async () => {
    const user = { id: newId() };
    const fields = (n: number) => ({
      user_id: user.id,
      provider: "sandbox",
      token: `tok_${n}`,
      brand: "visa",
      last4: "0000",
    });
    const { save: insert } = await import("./method.repository.ts");
    for (let n = 0; n < 20; n += 1) await paymentNode.db.write((tx) => insert(tx, fields(n), 20));
    await expect(save(user, "tok_success")).rejects.toMatchObject({ code: 409, type: "PAYMENT_METHODS_FULL" });
  });

  it("are limited in number, also when all are saved at once", async () => {
    const { save: insert } = await import("./method.repository.ts");
    const user_id = newId();
    const fields = (n: number) => ({ user_id, provider: "sandbox", token: `tok_${n}`, brand: "visa", last4: "0000" });
    const saving = Array.from({ length: 7 }, (_, n) => paymentNode.db.write((tx) => insert(tx, fields(n), 2)));
    expect((await Promise.all(saving)).filter((saved) => saved !== undefined)).toHaveLength(2);
  });

  it("refuse tokens that the provider does not know", async () => {
    await expect(save({ id: newId() }, "tok_nonsense")).rejects.toMatchObject({ type: "PAYMENT_METHOD_NOT_FOUND" });
  });

  it("refuse card numbers, and leave no trace of them", async () => {
    const number = "4242424242424242";
    const user = { id: newId() };
    for (const token of [number, number.replaceAll(/(\d{4})/g, "$1 ").trim(), `tok_${number}`]) {
      await expect(save(user, token)).rejects.toMatchObject({ code: 422, type: "VALIDATION_FAILED" });
    }
    const asked = paymentNode.as(user, "payment.saveMethod", { token: "tok_success", number } as never);
    await expect(asked).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    const folder = process.env.DATA_DIR!;
    const files = readdirSync(folder).filter((file) => file.includes(".db"));
    for (const file of files) expect(readFileSync(join(folder, file)).includes(number)).toBe(false);
  });
});
