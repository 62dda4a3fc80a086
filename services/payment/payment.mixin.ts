/** Adds `this.cashier`: the provider, and every operation with it. */
import type { Service } from "moleculer";
import { ConfigError } from "#core/config.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { databaseUrl, topology } from "#mixins/node/topology.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { Captures } from "./capture.settlement.ts";
import { Disputes } from "./dispute.settlement.ts";
import { Alarms } from "./payment.alarms.ts";
import { config } from "./payment.config.ts";
import { type PaymentProvider, type Webhook, withTimeLimit } from "./payment.provider.ts";
import { Reconciliation } from "./payment.reconciliation.ts";
import type { PaymentTables } from "./payment.repository.ts";
import { Settlement } from "./payment.settlement.ts";
import { Transitions } from "./payment.transition.ts";
import { Refunds } from "./refund.settlement.ts";
import { Reports } from "./report.settlement.ts";
import { Removals } from "./removal.settlement.ts";
import { sandboxClient } from "./sandbox/sandbox.client.ts";
import { SandboxProvider } from "./sandbox/sandbox.provider.ts";

export interface Cashier {
  readonly provider: PaymentProvider;
  readonly transitions: Transitions;
  readonly settlement: Settlement;
  readonly refunds: Refunds;
  readonly captures: Captures;
  readonly reconciliation: Reconciliation;
  readonly removals: Removals;
  readonly reports: Reports;
  readonly alarms: Alarms;
}

interface Host extends Service {
  readonly db: Database<PaymentTables>;
  readonly outbox: Outbox;
  readonly cashier?: Cashier;
}

type Deliver = (webhook: Webhook) => Promise<unknown>;

/** Opens the provider that PAYMENT_PROVIDER names. */
const providers: Record<
  typeof config.PAYMENT_PROVIDER,
  (logger: Service["logger"], deliver: Deliver, broker: Service["broker"]) => Promise<PaymentProvider>
> = {
  sandbox: async (logger, deliver, broker) =>
    config.PAYMENT_SANDBOX_URL
      ? sandboxClient(config.PAYMENT_SANDBOX_URL)
      : SandboxProvider.open(logger, deliver, broker),
  toss: async () => new (await import("./toss/toss.provider.ts")).TossProvider(),
  stripe: async () => new (await import("./stripe/stripe.provider.ts")).StripeProvider(),
};

/** @throws ConfigError when every node would have a sandbox with books of its own */
function check(): void {
  const isShared = topology.isCluster && databaseUrl("payment") !== null;
  if (config.PAYMENT_PROVIDER === "sandbox" && isShared && !config.PAYMENT_SANDBOX_URL)
    throw new ConfigError(
      "Nodes that share PostgreSQL need one sandbox: set PAYMENT_SANDBOX_URL to where the sandbox provider listens.",
    );
}

export function cashier(): Mixin<{ readonly cashier: Cashier }> {
  return mixin<{ readonly cashier: Cashier }, Host>({
    created: check,
    async started() {
      const { db, outbox, logger, broker } = this;
      const open = providers[config.PAYMENT_PROVIDER];
      const own = await open(logger, (webhook) => broker.call("payment.receiveWebhook", webhook), broker);
      const alarms = new Alarms(this);
      const provider = withTimeLimit(own, config.PAYMENT_PROVIDER_TIMEOUT, alarms.unsound);
      const transitions = new Transitions(outbox, alarms.differs);
      const refunds = new Refunds(db, outbox, transitions, provider);
      const settlement = new Settlement(db, transitions, provider, refunds);
      const captures = new Captures(db, provider, settlement);
      const disputes = new Disputes(db, outbox, provider, alarms);
      const reconciliation = new Reconciliation(this, settlement, { refunds, captures, disputes });
      const reports = new Reports(db, provider, alarms);
      const removals = new Removals(this, provider);
      addName(this, "cashier", {
        provider,
        transitions,
        settlement,
        refunds,
        captures,
        reconciliation,
        removals,
        reports,
        alarms,
      });
      await Promise.all([reconciliation.start(), removals.start()]);
    },
    async stopped() {
      await Promise.all([this.cashier?.reconciliation.stop(), this.cashier?.removals.stop()]);
      await this.cashier?.provider.close();
      this.cashier?.alarms.stop();
    },
  });
}
