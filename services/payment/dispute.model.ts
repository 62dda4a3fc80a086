/** The shape of a provider's answer about a dispute, and the rules of disputes. */
import Type, { type Static } from "typebox";
import { Code, MAX_AMOUNT, Money, Timestamp } from "#core/schema.ts";

/**
 * An `inquiry` asks and has taken nothing yet. From `needs_response` on the provider keeps the money back, which returns when
 * the dispute is `won`, and is gone when it is `lost`. `closed` is an inquiry that came to nothing.
 */
export const disputeStatuses = ["inquiry", "needs_response", "under_review", "won", "lost", "closed"] as const;
export type DisputeStatus = (typeof disputeStatuses)[number];

const Name = Code("^[\\w.:-]+$", 100);
const orNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** A dispute in the provider's books, with its amount in minor units of `currency`. */
export const ProviderDispute = Type.Object({
  id: Name,
  /** The provider's id of the charge. */
  charge: Name,
  /** The id of our order. */
  reference: Name,
  status: Type.Enum(disputeStatuses),
  currency: Money.properties.currency,
  amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT }),
  /** Why the customer's bank objects: a code, not prose. */
  reason: orNull(Code("^[a-z][a-z0-9_]*$", 64)),
  /** Until when evidence is taken. */
  dueAt: orNull(Timestamp),
});
export type ProviderDispute = Static<typeof ProviderDispute>;

/** True while the bank has still to decide. */
export const isUndecidedDispute = (status: DisputeStatus): boolean =>
  status === "inquiry" || status === "needs_response" || status === "under_review";

/** What is gone for good in this state, in minor units. */
export const lostIn = (status: DisputeStatus, amount: number): number => (status === "lost" ? amount : 0);
