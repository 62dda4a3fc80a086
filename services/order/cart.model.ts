/** The rules of carts: whose they are, when a change comes too late, and what fits in. */
import { hash, randomBytes } from "node:crypto";
import { DAY } from "#core/clock.ts";
import { MAX_QUANTITY } from "./basket.contract.ts";

/** The most products in a cart: as many as one question to the product service may name. */
export const MOST_LINES = 100;
/** Milliseconds without a change after which a cart goes, and after which its customer is reminded of it. */
export const KEEP = 30 * DAY;
export const QUIET = DAY;
/** Changes for which a removed line is remembered. Who is further behind must read the cart again. */
export const REMEMBERED = 100;

/** Whose a cart is: a customer's, or that of whoever knows the token. */
export type Holder = { readonly userId: string } | { readonly tokenHash: string };

export const newToken = (): string => randomBytes(32).toString("base64url");
export const hashOf = (token: string): string => hash("sha256", token, "base64url");

/**
 * True when a line may have another quantity than whoever changes it has seen. Changes of other lines do not matter, so two
 * tabs that set different lines both win.
 * @param seen the version of the cart that was seen; 0 when there was none
 * @param present the version of the cart before this change
 * @param changed the version with which the line was changed last; 0 for a line that was never there
 */
export const isStale = (seen: number, present: number, changed: number): boolean =>
  changed > seen || (seen !== 0 && (seen > present || seen < present - REMEMBERED));

export interface Units {
  readonly productId: string;
  readonly quantity: number;
}

/** What of a guest's lines fits into a customer's cart, and what is cut. Lines that both have are added up to the limit. */
export function merged(
  lines: readonly Units[],
  guests: readonly Units[],
): { readonly put: readonly Units[]; readonly cut: readonly Units[] } {
  const own = new Map(lines.map(({ productId, quantity }) => [productId, quantity]));
  let room = MOST_LINES - own.size;
  const put: Units[] = [];
  const cut: Units[] = [];
  for (const { productId, quantity } of guests) {
    const had = own.get(productId);
    const fits = had === undefined && room === 0 ? 0 : Math.min(quantity, MAX_QUANTITY - (had ?? 0));
    if (had === undefined && fits > 0) room -= 1;
    if (fits > 0) put.push({ productId, quantity: fits });
    if (fits < quantity) cut.push({ productId, quantity: quantity - fits });
  }
  return { put, cut };
}
