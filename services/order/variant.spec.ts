/**
 * Variants in carts and orders.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { orderOf } from "../../test/support/actors/client.ts";
import { inVariants } from "../../test/support/fixtures/product-cases.ts";
import { AllServices, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
beforeAll(async () => {
  allServices = await AllServices.open();
});
afterAll(() => allServices.close());

it("is put into a cart and ordered by its id, and the line keeps what it was called", async () => {
  const [staff, customer] = [await allServices.person("staff"), await allServices.person()];
  const id = await inVariants(staff, allServices);
  const sku = newId();
  const variant = await staff.call("product.createVariant", { id, values: ["L"], sku, price: won(1000), stock: 2 });
  const line = { productId: variant.id, sku, optionValues: [{ name: "Size", value: "L" }] };
  const cart = await customer.call("order.addCartLine", { productId: variant.id, quantity: 2 });
  expect(cart.items).toEqual([expect.objectContaining({ ...line, name: "Shirt", unitPrice: won(1000) })]);
  const placed = await customer.call("order.create", orderOf(variant.id, 2));
  const [option] = (await staff.call("product.get", { id })).options!;
  const values = [{ ...option!.values[0]!, value: "Large" }];
  await staff.call("product.setOptions", { id, options: [{ ...option!, values }] });
  const kept = await customer.call("order.get", { id: placed.id });
  expect(kept.items).toEqual([expect.objectContaining({ ...line, name: "Shirt", quantity: 2 })]);
  expect(await staff.call("product.getStock", { id })).toMatchObject({ sellable: 0 });
});

it("has to be chosen: carts, quotes and orders refuse its product with VARIANT_REQUIRED", async () => {
  const customer = await allServices.person();
  const productId = await inVariants(customer, allServices);
  const refusal = { type: "ORDER_VARIANT_REQUIRED", data: { productIds: [productId] } };
  await expect(customer.call("order.addCartLine", { productId, quantity: 1 })).rejects.toMatchObject(refusal);
  await expect(customer.call("order.quote", { items: [{ productId, quantity: 1 }] })).rejects.toMatchObject(refusal);
  await expect(customer.call("order.create", orderOf(productId))).rejects.toMatchObject(refusal);
});
