/** What customers do with orders at broker level, for specs that run all services. */
import type { Input, Output } from "#core/contract.ts";
import type { AllServices, Person } from "../systems/all-services.ts";
import { eventually } from "../fixtures/eventually.ts";
import { address } from "./client.ts";

type NewOrder = Input<"order.create">;

/** Fields of an order, and the quantity of its only line. */
export type OrderFields = Partial<NewOrder> & { readonly quantity?: number };

export const newOrder = (productId: string, { quantity = 1, ...fields }: OrderFields = {}): NewOrder => ({
  items: [{ productId, quantity }],
  paymentMethod: "tok_success",
  shippingAddress: address,
  ...fields,
});

/** @param customer answers who asks at this moment: a spec may let another person go on */
export const ordersOf = (customer: () => Person) => ({
  place: (productId: string, fields?: OrderFields, key?: string) =>
    customer().ask("order.create", newOrder(productId, fields), key),
  stockOf: (productId: string) => customer().call("product.getStock", { id: productId }),
  paymentOf: ({ paymentId }: Pick<Output<"order.get">, "paymentId">) =>
    customer().call("payment.get", { id: paymentId! }),
  newest: async () => (await customer().call("order.list", { limit: 1 })).items[0]!,
  /** Waits until the order has this status. */
  becomes: (id: string, status: string) =>
    eventually(async () => (await customer().call("order.get", { id })).status === status),
});

/** What the payment provider charged for an order, as it says itself. */
export async function chargesOf(allServices: AllServices, orderId: string) {
  const admin = await allServices.person("admin");
  return (await admin.call("payment.listCharges", { reference: orderId })).items;
}
