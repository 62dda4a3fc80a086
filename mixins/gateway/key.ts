/** How a request that changes something treats an idempotency key, whatever the protocol that brings it. */
import { holdsCardNumber } from "#core/card.ts";
import type { ActionDefinition } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";

export type KeyRule = "required" | "optional" | "none";

/** Only what adds something needs a key: any other change is the same when it is made twice. */
export const keyRuleOf = ({
  rest,
  idempotent,
  keyless,
}: Pick<ActionDefinition, "rest" | "idempotent" | "keyless">): KeyRule =>
  !rest?.startsWith("POST ") || keyless !== undefined ? "none" : idempotent ? "required" : "optional";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * @throws IDEMPOTENCY_KEY_REQUIRED when the key is missing or invalid. Keys are stored, so a card number is refused.
 */
export function idempotencyKey(key: unknown, rule: KeyRule): string | undefined {
  if (rule === "none" || (rule === "optional" && key === undefined)) return undefined;
  if (typeof key === "string" && IDEMPOTENCY_KEY.test(key) && !holdsCardNumber(key)) return key;
  throw sharedError("IDEMPOTENCY_KEY_REQUIRED");
}
