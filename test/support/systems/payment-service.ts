/** A node with the payment service, an order service that stands in for its callers, and people to speak for. */
import type { BrokerOptions, Context, ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Money } from "#core/schema.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Cashier } from "../../../services/payment/payment.mixin.ts";
import type { PaymentTables } from "../../../services/payment/payment.repository.ts";
import { startBroker } from "./broker.ts";
import type { Clock } from "../fixtures/clock.ts";
import { eventually } from "../fixtures/eventually.ts";
import { localService } from "./local-service.ts";
import { webhook, webhookSecret } from "../actors/webhook.ts";

/** Milliseconds, longer than a busy machine needs for anything else: until `tok_delayed` is authorized, … */
export const DELAY = 60_000;
/** … and until the provider is asked about what is unfinished. */
const RECONCILE_AFTER = 600_000;

process.env.PAYMENT_PROVIDER_TIMEOUT = "3000";
process.env.PAYMENT_RECONCILE_AFTER = `${RECONCILE_AFTER}`;
process.env.PAYMENT_SANDBOX_DELAY = `${DELAY}`;
process.env.PAYMENT_SANDBOX_LATE_ANSWER = "3600000";

/** Like `eventually`, after the time at which the payment service asks the provider about what is unfinished; it passes by this clock. */
export async function eventuallyReconciled(clock: Clock, look: () => unknown): Promise<void> {
  clock.advance(RECONCILE_AFTER);
  let looks = 0;
  await eventually(() => {
    // Again when that was too early.
    if ((looks += 1) % 100 === 0) clock.advance(RECONCILE_AFTER);
    return look();
  });
}

export const won = (amount: number): Money => ({ amount, currency: "KRW" });

const types = ["authorized", "captured", "failed", "cancelled", "refunded", "mismatched", "expired", "disputed"].map(
  (name) => `payment.${name}`,
);

type Forward = Context<{ user: string; name: ActionName; params: never }>;

export class PaymentNode {
  readonly broker: ServiceBroker;
  readonly events: readonly Envelope[];

  private constructor(broker: ServiceBroker, events: readonly Envelope[]) {
    this.broker = broker;
    this.events = events;
  }

  static async open(options: BrokerOptions = {}): Promise<PaymentNode> {
    const { default: service } = await import("../../../services/payment/payment.service.ts");
    const events: Envelope[] = [];
    const order = {
      name: "order",
      version: 1,
      created(this: { broker: ServiceBroker }) {
        localBus(this.broker).subscribe("order", types, async (received) => void events.push(...received));
      },
      actions: {
        forward: {
          retryPolicy: { enabled: false },
          handler: ({ service, params }: Forward) =>
            workContext(service!, params.user).call(params.name, params.params),
        },
      },
    };
    return new PaymentNode(await startBroker([service, order], options), events);
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  get cashier(): Cashier {
    return localService<{ cashier: Cashier }>(this.broker, "payment").cashier;
  }

  get db(): Database<PaymentTables> {
    return localService<{ db: Database<PaymentTables> }>(this.broker, "payment").db;
  }

  /** Calls as the order service, for this user. */
  asOrder<N extends ActionName>(name: N, params: Input<N>, user: string = newId()): Promise<Output<N>> {
    return this.broker.call("order.forward", { user, name, params });
  }

  /** Calls as a person. */
  async as<N extends ActionName>(
    person: { readonly id: string; readonly role?: "customer" | "staff" | "admin" },
    name: N,
    params: Input<N>,
    key: string = newId(),
  ): Promise<Output<N>> {
    const accessToken = await signAccessToken({ id: person.id, roles: [person.role ?? "customer"], session: newId() });
    return this.broker.call(name, params, withKey(key, { meta: { accessToken } }));
  }

  /** An order whose payment is captured by default. */
  async paidOrder(amount = 10_000, method = "tok_success", captured = true) {
    const [orderId, userId] = [newId(), newId()];
    const { paymentId } = await this.asOrder(
      "payment.authorize",
      { orderId, amount: won(amount), paymentMethod: method },
      userId,
    );
    if (captured) await this.asOrder("payment.capture", { orderId });
    return { orderId, paymentId, user: { id: userId } };
  }

  /** A webhook as the provider signs it. */
  webhook(body: object): Promise<Output<"payment.receiveWebhook">> {
    return webhook(this.broker, body);
  }

  /** The provider's own records of an order. */
  async charges(reference: string) {
    const { items } = await this.as({ id: newId(), role: "admin" }, "payment.listCharges", { reference });
    return items;
  }

  async payment(orderId: string) {
    const find = this.db.query.selectFrom("payments").selectAll().where("order_id", "=", orderId);
    return find.executeTakeFirstOrThrow();
  }

  /** The types of the published events of an order, oldest first. */
  eventTypes(orderId: string): readonly string[] {
    return this.eventsOf(orderId).map(({ type }) => type);
  }

  /** The published events of an order, oldest first. */
  eventsOf(orderId: string): readonly Envelope[] {
    return this.events.filter(({ data }) => (data as { orderId: string }).orderId === orderId);
  }

  get webhookSecret(): string {
    return webhookSecret();
  }

  /** Every payment beside the provider's records: one charge at most, and the same amounts. */
  async differences(): Promise<readonly object[]> {
    const rows = await this.db.query.selectFrom("payments").selectAll().execute();
    const compared = rows.map(async ({ order_id, captured, refunded, status }) => {
      const charges = await this.charges(order_id);
      const [charge] = charges;
      const same = (charge?.captured.amount ?? 0) === captured && (charge?.refunded.amount ?? 0) === refunded;
      const isOpen = charge !== undefined && ["authorized", "processing", "requires_action"].includes(charge.status);
      const held = status === "cancelled" && isOpen;
      return same && !held && charges.length <= 1 ? [] : [{ order_id, status, captured, refunded, charges }];
    });
    return (await Promise.all(compared)).flat();
  }
}

/** What a question is answered with, or the code that it is refused with. */
export const outcome = (asked: Promise<{ readonly status: string }>): Promise<string> =>
  asked.then(
    ({ status }) => status,
    ({ type, code }: { type?: string; code?: number }) =>
      code !== undefined && (code < 500 || type === "PAYMENT_PROVIDER_UNAVAILABLE")
        ? type!
        : `a fault: ${code} ${type}`,
  );
