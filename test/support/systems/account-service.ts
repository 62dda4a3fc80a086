/** A node with the account service, people to speak for, and a playback service that stands in for its callers. */
import type { Context, ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { DAY, now, timestamp } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import * as accounts from "../../../services/account/account.repository.ts";
import type { Host } from "../../../services/account/account.saga.ts";
import type { AccountTables } from "../../../services/account/account.tables.ts";
import { eventually } from "../fixtures/eventually.ts";
import { localService } from "./local-service.ts";
import { startBroker } from "./broker.ts";

type Forward = Context<{ user: string; name: ActionName; params: never }>;
type Role = "customer" | "staff" | "admin";

/** What other services are told, and what becomes a message to the person. */
const changes = ["entitlement_changed", "subscription_changed", "profile_removed"];
const messages = ["invoice_paid", "payment_failed", "invoice_refunded", "trial_reminded", "subscription_ended"];
const heard = [...changes, ...messages].map((name) => `account.${name}`);

export const someone = (role: Role = "customer") => ({ id: newId(), role });

/** A plan as staff describe it. */
export const planOf = (code: string, amount: number, more: Partial<Input<"account.createPlan">> = {}) => ({
  code,
  name: { en: code, ko: code },
  interval: "month" as const,
  price: { amount, currency: "KRW" as const },
  taxRate: 1000,
  maxStreams: 2,
  maxHeight: 720,
  regions: [],
  trialDays: 14,
  ...more,
});

// No payment of a spec is late because its machine is busy.
process.env.ACCOUNT_ANSWER_BUDGET = "50000";
process.env.PAYMENT_RECONCILE_AFTER = "400";
process.env.PAYMENT_SANDBOX_DELAY = "100";

interface Told {
  readonly type: string;
  readonly data: unknown;
}

type Subscription = Output<"account.getSubscription">;

export class AccountNode {
  readonly broker: ServiceBroker;
  readonly events: readonly Envelope[];

  private constructor(broker: ServiceBroker, events: readonly Envelope[]) {
    this.broker = broker;
    this.events = events;
  }

  static async open(): Promise<AccountNode> {
    const [{ default: service }, { default: payment }] = await Promise.all([
      import("../../../services/account/account.service.ts"),
      import("../../../services/payment/payment.service.ts"),
    ]);
    const events: Envelope[] = [];
    const playback = {
      name: "playback",
      version: 1,
      created(this: { broker: ServiceBroker }) {
        localBus(this.broker).subscribe("playback", heard, async (received) => void events.push(...received));
      },
      actions: {
        forward: {
          retryPolicy: { enabled: false },
          handler: ({ service: own, params }: Forward) =>
            workContext(own!, params.user).call(params.name, params.params),
        },
      },
    };
    return new AccountNode(await startBroker([payment, service, playback]), events);
  }

  close(): Promise<void> {
    return this.broker.stop();
  }

  /** Calls as the playback service, for this user. */
  asPlayback<N extends ActionName>(name: N, params: Input<N>, user: string): Promise<Output<N>> {
    return this.broker.call("playback.forward", { user, name, params });
  }

  /** Calls as a person. */
  async as<N extends ActionName>(
    { id, role, region }: { readonly id: string; readonly role: Role; readonly region?: string },
    name: N,
    params: Input<N>,
    key: string = newId(),
  ): Promise<Output<N>> {
    const accessToken = await signAccessToken({ id, roles: [role], session: newId() });
    return this.broker.call(name, params, withKey(key, { meta: { accessToken, ...(region && { region }) } }));
  }

  plan(amount: number, more: Partial<Input<"account.createPlan">> = {}): Promise<Output<"account.createPlan">> {
    const code = `plan-${newId().slice(-12)}`;
    return this.as(someone("staff"), "account.createPlan", planOf(code, amount, more));
  }

  get host(): Host {
    return localService<Host>(this.broker, "account");
  }

  get db(): Database<AccountTables> {
    return this.host.db;
  }

  /** A person who subscribes to a plan. Without a trial, they have paid for a period. */
  async subscriber(plan: { readonly id: string }, paymentMethod = "tok_success") {
    const me = someone();
    const subscription = await this.as(me, "account.subscribe", { planId: plan.id, paymentMethod });
    return { me, subscription };
  }

  /** As `subscriber`, on an account that had a test clock before. */
  async tester(plan: { readonly id: string }) {
    const me = someone();
    const at = now();
    await this.db.write(async (tx) => tx.add(accounts.beginAdvance(me.id, at, at), accounts.endAdvance(me.id, at)));
    const subscription = await this.as(me, "account.subscribe", { planId: plan.id, paymentMethod: "tok_success" });
    return { me, subscription };
  }

  /** Moves a person's test clock by so many days, and waits for all that is due. */
  async advance(me: { readonly id: string }, days: number): Promise<Subscription> {
    const staff = someone("admin");
    const userId = me.id;
    const { now: time } = await this.as(staff, "account.getTestClock", { userId }).catch(() => ({ now: timestamp() }));
    const to = timestamp(Date.parse(time) + days * DAY);
    await this.as(staff, "account.advance", { userId, to });
    await eventually(async () => {
      const { status, now: reached } = await this.as(staff, "account.getTestClock", { userId });
      return status === "ready" && reached === to;
    });
    return this.as({ id: userId, role: "customer" }, "account.getSubscription", {});
  }

  /** What the provider has charged a person for, oldest first: its own books. */
  async charges(me: {
    readonly id: string;
  }): Promise<readonly { readonly captured: number; readonly refunded: number }[]> {
    const { items } = await this.as({ id: me.id, role: "customer" }, "payment.list", { limit: 100 });
    const admin = someone("admin");
    const ledgers = items
      .toReversed()
      .map(({ orderId: reference }) => this.as(admin, "payment.listCharges", { reference }));
    return (await Promise.all(ledgers)).flatMap((ledger) =>
      ledger.items.map(({ captured, refunded }) => ({ captured: captured.amount, refunded: refunded.amount })),
    );
  }

  /** All invoices and credit notes of a person, oldest first. */
  async invoices(me: { readonly id: string }): Promise<Output<"account.listInvoices">["items"]> {
    const { items } = await this.as({ id: me.id, role: "customer" }, "account.listInvoices", { limit: 100 });
    return items.toReversed();
  }

  /** What other services heard of a person, oldest first, without the account's name. */
  told(userId: string): readonly Told[] {
    return this.#heardOf(userId).filter(({ type }) => changes.includes(type));
  }

  /** What the person is written to about, oldest first. */
  messages(userId: string): readonly Told[] {
    return this.#heardOf(userId).filter(({ type }) => messages.includes(type));
  }

  #heardOf(userId: string): readonly Told[] {
    const own = this.events.filter(({ data }) => (data as { userId: string }).userId === userId);
    return own.map(({ type, data }) => ({ type: type.slice("account.".length), data }));
  }
}
