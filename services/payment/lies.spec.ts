/**
 * A provider that lies about any field of any answer: nothing is believed that does not fit, and nothing is lost.
 * @databases sqlite: what it says is judged before it is stored; difference.spec.ts runs on both
 */
import { newId } from "#core/id.ts";
import {
  operations,
  otherValues,
  answerWrongly,
  wrongValues,
} from "../../test/support/faults/wrong-provider-answers.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { outcome, PaymentNode, won } from "../../test/support/systems/payment-service.ts";
import type { Charge } from "./payment.provider.ts";

let paymentNode: PaymentNode;
beforeAll(async () => {
  process.env.PAYMENT_PROVIDER_TIMEOUT = "4000";
  // A provider that makes no sense so often would have the breakers open, and many orders at once take their time.
  paymentNode = await PaymentNode.open({ circuitBreaker: { enabled: false }, requestTimeout: 60_000 });
});
afterAll(() => paymentNode.close());
afterEach(() => jest.restoreAllMocks());

const staff = { id: newId(), role: "staff" as const };
/** One value that makes no sense for each field: charge.model.spec.ts has all of them. */
const lies = [...wrongValues.map(([field, [value]]) => [field, [value]] as const), ...otherValues].flatMap(
  ([field, values]) => values.map((value) => ({ field, value })),
);
const silence = [null, {}].map((answer) => ({ field: "id" as const, answer }));

/** An order's way from authorization to reversal; answers what must not be. */
async function contradictions(orderId: string): Promise<string[]> {
  const found: string[] = [];
  const user = { id: newId() };
  const ask = { orderId, amount: won(10_000), paymentMethod: "tok_3ds" };
  const truth = async () => (await paymentNode.cashier.provider.ledger!({ reference: orderId, limit: 1 })).items[0];
  const step = async (name: string, asked: () => Promise<{ readonly status: string }>) => {
    const answer = await outcome(asked());
    if (answer.startsWith("a fault")) found.push(`${name} is answered with ${answer}`);
    const { status, captured, difference, refunded } = await paymentNode.payment(orderId);
    const charge = await truth();
    const isTaken = charge?.status === "captured" && charge.captured === 10_000;
    if ((status === "succeeded" || answer === "succeeded") && name !== "refund" && !isTaken)
      found.push(`${name} says ${answer}, our books ${status}, the provider's ${charge?.status}`);
    if (captured > 0 && captured !== charge?.captured) found.push(`${name} books ${captured}`);
    if (answer === "PAYMENT_MISMATCH" && difference === null) found.push(`${name} keeps no difference`);
    if (charge && charge.refunded > refunded) found.push(`${name} has refunded more than we know`);
    return answer;
  };
  const authorize = () => step("authorize", () => paymentNode.asOrder("payment.authorize", ask, user.id));
  const confirm = async () => {
    const { id } = await paymentNode.payment(orderId);
    return step("confirm", () => paymentNode.as(user, "payment.confirm", { id }));
  };
  const capture = () => step("capture", () => paymentNode.asOrder("payment.capture", { orderId }));
  const refund = async () => {
    const { id } = await paymentNode.payment(orderId);
    return step("refund", () => paymentNode.as(staff, "payment.refund", { id, amount: won(4000), reason: "damaged" }));
  };
  const reverse = () =>
    step("reverse", () => paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" }));
  for (const next of [authorize, confirm, capture, capture, refund, reverse]) await next();
  return found;
}

describe.each(operations)("lies of the provider's answer to %s", (operation) => {
  it.each([false, true])(
    "confirm nothing, lose nothing and break nothing (asked again, it lies too: %s)",
    async (again) => {
      const told = new Map<string, (charge: Charge) => unknown>();
      const orders = [...lies, ...silence].map((lie) => {
        const orderId = newId();
        const say = (charge: Charge) => ("answer" in lie ? lie.answer : { ...charge, [lie.field]: lie.value });
        told.set(orderId, say);
        return { orderId, lie };
      });
      const honest = (charge: Charge) => charge;
      await answerWrongly(
        (charge) => (told.get(charge.reference) ?? honest)(charge),
        operation,
        ...(again ? (["retrieve"] as const) : []),
      );
      const found: string[] = [];
      const waiting = [...orders];
      const work = async () => {
        for (let one = waiting.pop(); one; one = waiting.pop())
          for (const what of await contradictions(one.orderId)) found.push(`${JSON.stringify(one.lie)}: ${what}`);
      };
      await Promise.all(Array.from({ length: 4 }, work));
      expect(found).toEqual([]);
      jest.restoreAllMocks();
      // An honest provider is believed again, and everything comes back, but for what was begun with a wrong id.
      const reverse = ({ orderId }: { readonly orderId: string }) =>
        outcome(paymentNode.asOrder("payment.reverse", { orderId, reason: "order_cancelled" }));
      const ends = new Set(["cancelled", "refunded", "none", "PAYMENT_MISMATCH"]);
      await eventually(async () => (await Promise.all(orders.map(reverse))).every((end) => ends.has(end)));
      for (const { orderId, lie } of orders) {
        const { difference, captured, refunded, charge_id } = await paymentNode.payment(orderId);
        const [charge] = await paymentNode.charges(orderId);
        if (difference !== null) expect(lie).toMatchObject({ field: "id", value: charge_id });
        else expect([charge?.captured.amount ?? 0, charge?.refunded.amount ?? 0]).toEqual([captured, refunded]);
        if (difference === null)
          expect([refunded, charge?.status]).toEqual([captured, expect.not.stringMatching(/auth|proc|act/)]);
      }
    },
    120_000,
  );
});
