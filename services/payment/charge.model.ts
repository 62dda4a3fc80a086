/** The shapes of a provider's answers about a charge, and the ways in which they can contradict our payment. */
import Type, { type Static, type TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { sharedError } from "#core/errors.ts";
import { Code, MAX_AMOUNT, Money, Page } from "#core/schema.ts";
import { disputeStatuses, ProviderDispute } from "./dispute.model.ts";
import { MovementPage } from "./report.model.ts";
import { canBecome, chargeStatuses, meaningOf, type PaymentStatus } from "./payment.model.ts";

const Name = Code("^[\\w.:-]+$", 100);
const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT });
const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** A charge in the provider's books, with amounts in minor units of `currency`. */
export const Charge = Type.Object({
  id: Name,
  /** The id of our order. */
  reference: Name,
  status: Type.Enum(chargeStatuses),
  currency: Money.properties.currency,
  authorized: Amount,
  captured: Amount,
  refunded: Amount,
  /** The reason of a decline: a code, not prose. */
  reason: orNull(Code("^[a-z][a-z0-9_]*$", 64)),
  /** The page on which the customer authenticates (3-D Secure). */
  actionUrl: orNull(Code("^https?://[!-~]+$", 2000)),
  /** True when the provider can capture it in several parts. */
  multicapture: Type.Optional(Type.Boolean()),
});
export type Charge = Static<typeof Charge>;

/** What lets an owner recognise a card, never more of its number. */
const Label = Type.Object({
  brand: Type.String({ pattern: "^[a-z][a-z _-]*$", maxLength: 40 }),
  last4: Type.String({ pattern: "^[0-9]{4}$" }),
});
export type Label = Static<typeof Label>;

/**
 * A webhook about a charge. Only the reference is used, because the provider is then asked for the state. The rest must
 * still have the right shape.
 */
const News = Type.Object({
  id: Name,
  type: Type.Optional(Type.String()),
  charge: Type.Object({ ...Type.Partial(Charge).properties, reference: Name }),
});
export type News = Static<typeof News>;

/** A webhook about a dispute. */
const DisputeNews = Type.Object({ id: Name, type: Type.Optional(Type.String()), dispute: Name });
type DisputeNews = Static<typeof DisputeNews>;
/** A webhook that names a charge by the provider's id alone. */
const ChargeNews = Type.Object({ id: Name, chargeId: Name });
type ChargeNews = Static<typeof ChargeNews>;

const newsTypes: ReadonlySet<unknown> = new Set([
  ...chargeStatuses.map((status) => `charge.${status}`),
  ...disputeStatuses.map((status) => `dispute.${status}`),
]);

type Check<T> = (answer: unknown) => asserts answer is T;

/** Compiles a check on its first use. Its errors never show the value. */
function checked<S extends TSchema>(schema: S): Check<Static<S>> {
  let validator: Validator | undefined;
  return (answer) => {
    validator ??= Compile(schema);
    if (validator.Check(answer)) return;
    const [first] = validator.Errors(answer);
    throw new Unsound(`${first?.instancePath || "It"} ${first?.message}`);
  };
}

/** An answer of a wrong shape, from which nothing is known. */
export class Unsound extends Error {}

/** The shape of the answer to each question. */
export const answers = {
  charge: checked(Charge),
  chargeOrNull: checked(orNull(Charge)),
  token: checked(Code("^[\\w@.:-]+$", 200)),
  labelOrNull: checked(orNull(Label)),
  disputeOrNull: checked(orNull(ProviderDispute)),
  ledger: checked(Page(Charge)),
  movements: checked(MovementPage),
};
const checkNews: Check<News> = checked(News);
const checkChargeNews: Check<ChargeNews> = checked(ChargeNews);
const checkDisputeNews: Check<DisputeNews> = checked(DisputeNews);

/** Reads a webhook; null for a type that we do not know. @throws VALIDATION_FAILED */
export function readNews(body: unknown): News | DisputeNews | ChargeNews | null {
  const { type, ...about } = (body ?? {}) as { readonly type?: unknown };
  if (typeof type === "string" && !newsTypes.has(type)) return null;
  try {
    if ("chargeId" in about) {
      checkChargeNews(body);
      return body;
    }
    if ("dispute" in about) {
      checkDisputeNews(body);
      return body;
    }
    checkNews(body);
    return body;
  } catch (error) {
    if (!(error instanceof Unsound)) throw error;
    throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/body", detail: error.message }] });
  }
}

/** The fields of a payment that the provider confirms, with amounts in minor units of `currency`. */
interface Ours {
  readonly order_id: string;
  readonly charge_id: string | null;
  readonly status: PaymentStatus;
  readonly currency: Money["currency"];
  readonly amount: number;
  readonly captured: number;
  readonly claimed: number;
  readonly refunded: number;
}

/** What our books store of an answer that contradicts them. */
export type Difference = Pick<
  Charge,
  "id" | "reference" | "status" | "currency" | "authorized" | "captured" | "refunded"
> & { readonly fields: readonly string[] };

/** True when the provider ended a charge whose money we hold, or the reverse. */
function hasOtherEnd(status: PaymentStatus, charge: Charge): boolean {
  const isOver = charge.status === "declined" || charge.status === "voided";
  const meaning = meaningOf(charge.status);
  return isOver && meaning !== status && !canBecome(status, meaning) && status !== "cancelled" && status !== "failed";
}

/** False for a charge of another order, or for another charge of this order. */
export const isOf = (ours: Ours, { id, reference }: Charge): boolean =>
  reference === ours.order_id && (ours.charge_id === null || id === ours.charge_id);

/** What the provider may have captured: what we know of, what we have asked for, or all, as somebody may have done by hand. */
function capturesOf({ status, amount, captured, claimed }: Ours, charge: Charge): readonly number[] {
  const asked = claimed > captured ? [captured, claimed] : [captured];
  // An answer may be older than the capture.
  if (charge.status === "authorized") return status === "succeeded" ? [0] : asked.filter((sum) => sum < amount);
  if (charge.status !== "captured") return status === "requires_capture" ? asked.filter((sum) => sum === 0) : [0];
  if (status === "succeeded") return [captured];
  return (claimed > captured ? asked : [captured, amount]).filter((sum) => sum > 0);
}

/** The fields in which a charge contradicts our payment or itself; empty when we can accept it. */
export function differingFields(ours: Ours, charge: Charge): string[] {
  const isTaken = charge.status === "captured";
  const wrong: Readonly<Record<string, boolean>> = {
    reference: charge.reference !== ours.order_id,
    id: ours.charge_id !== null && charge.id !== ours.charge_id,
    status: hasOtherEnd(ours.status, charge),
    currency: charge.currency !== ours.currency,
    authorized: charge.authorized !== (isTaken || charge.status === "authorized" ? ours.amount : 0),
    captured: !capturesOf(ours, charge).includes(charge.captured),
    // Ours includes refunds that are under way, so it is never less.
    refunded: charge.refunded > ours.refunded,
  };
  return Object.keys(wrong).filter((field) => wrong[field]);
}

/** @param fields those that contradict our books */
export function differingIn(charge: Charge, fields: readonly string[]): Difference {
  const { id, reference, status, currency, authorized, captured, refunded } = charge;
  return { fields, id, reference, status, currency, authorized, captured, refunded };
}

export function differenceOf(ours: Ours, charge: Charge): Difference | null {
  const fields = differingFields(ours, charge);
  return fields.length === 0 ? null : differingIn(charge, fields);
}
