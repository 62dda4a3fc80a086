/** The payment provider of all services in this process, to make it refuse, or lose an answer. */
import type { Cashier } from "../../../services/payment/payment.mixin.ts";
import type { PaymentProvider } from "../../../services/payment/payment.provider.ts";
import type { PaymentTables } from "../../../services/payment/payment.repository.ts";
import type { AllServices } from "../systems/all-services.ts";

export const providerOf = (allServices: AllServices): PaymentProvider =>
  allServices.service<{ cashier: Cashier }>("payment").cashier.provider;

/** A refusal of the provider, which is certain. */
export async function refusal(): Promise<Error> {
  const { ProviderRefusal } = await import("../../../services/payment/payment.provider.ts");
  return new ProviderRefusal("declined");
}

/** From now on this order's payment can be captured only once. */
export async function captureOnce(allServices: AllServices, orderId: string): Promise<void> {
  await allServices
    .db<PaymentTables>("payment")
    .write(({ query }) =>
      query.updateTable("payments").set({ multicapture: 0 }).where("order_id", "=", orderId).execute(),
    );
}
