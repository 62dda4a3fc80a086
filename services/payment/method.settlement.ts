/** What a payment method of a request stands for, and what is stored of one that its owner saves. */
import * as methods from "./method.repository.ts";
import { payment } from "./payment.contract.ts";
import { readMethod } from "./payment.model.ts";
import { type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { Db } from "./payment.repository.ts";

/**
 * The order's payment keeps its token, because a saved method may have been removed since.
 * @throws METHOD_INVALID, METHOD_NOT_FOUND
 */
export async function tokenOf(db: Db, paymentMethod: string, owner: string, orderId: string): Promise<string> {
  const method = readMethod(paymentMethod);
  if (!method) throw payment.error("METHOD_INVALID");
  if ("token" in method) return method.token;
  const { token } = (await methods.find(db, method.saved, owner)) ?? (await payments.ofOrder(db, orderId)) ?? {};
  if (!token) throw payment.error("METHOD_NOT_FOUND");
  return token;
}

/** What is stored of a token that its owner saves. @throws METHOD_NOT_FOUND when the provider does not let it be kept */
export async function keptToken(db: Db, provider: PaymentProvider, owner: string, token: string): Promise<string> {
  if (!provider.keep) return token;
  try {
    return await provider.keep({ token, owner, before: await methods.latestToken(db, owner, provider.name) });
  } catch (error) {
    if (error instanceof ProviderRefusal) throw payment.error("METHOD_NOT_FOUND");
    throw error;
  }
}
