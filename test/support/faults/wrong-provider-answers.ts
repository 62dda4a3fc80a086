/** A payment provider that stores the right charges and answers wrong ones. */
import type { Charge, PaymentProvider } from "../../../services/payment/payment.provider.ts";

/** The questions that a charge answers. */
export const operations = ["authorize", "confirm", "capture", "cancel", "refund", "retrieve"] as const;
export type Operation = (typeof operations)[number];

type Field = keyof Charge;
/** Values that no charge can have, by field. */
export const wrongValues: readonly (readonly [Field, readonly unknown[]])[] = [
  ["id", [null, 7, "", "a b", "a\u0000", "x".repeat(101), {}]],
  ["reference", [null, 7, "", "a b", "a\u0000", "x".repeat(101)]],
  ["status", [null, "paid", "", 1, "constructor", ["captured"]]],
  ["currency", [null, "krw", "XXX", "", 410]],
  ...(["authorized", "captured", "refunded"] as const).map(
    (field) => [field, [null, -1, 1.5, "10000", 1e300, Number.MAX_SAFE_INTEGER, true, [10_000]]] as const,
  ),
  ["reason", [7, "<b>", "4242 4242 4242 4242", "x".repeat(65), {}]],
  ["actionUrl", [7, "javascript:alert(1)", "", "https://a b", `https://${"x".repeat(2000)}`]],
];

/** Values that a charge can have, but not the one of 10 000 won that is asked for. */
export const otherValues: readonly (readonly [Field, readonly unknown[]])[] = [
  ["id", ["another-charge"]],
  ["reference", ["another-order"]],
  ["status", ["declined", "voided", "captured", "authorized", "processing"]],
  ["currency", ["USD", "JPY"]],
  ["authorized", [0, 1, 9_999, 10_001, 1_000_000_000_000]],
  ["captured", [0, 1, 9_999, 10_001, 1_000_000_000_000]],
  ["refunded", [1, 10_000, 20_000]],
];

export type WrongAnswer = (charge: Charge) => unknown;

/** Has the sandbox of this process answer these questions wrongly, until all mocks are restored. */
export async function answerWrongly(wrong: WrongAnswer, ...about: readonly Operation[]): Promise<void> {
  // Settings are read once: only when the spec has made its own.
  const { SandboxProvider } = await import("../../../services/payment/sandbox/sandbox.provider.ts");
  for (const operation of new Set(about)) {
    const answer = SandboxProvider.prototype[operation] as (...asked: unknown[]) => Promise<Charge | null>;
    const answering = async function (this: PaymentProvider, ...asked: unknown[]) {
      const charge = await answer.apply(this, asked);
      return charge && wrong(charge);
    };
    jest.spyOn(SandboxProvider.prototype, operation).mockImplementation(answering as never);
  }
}
