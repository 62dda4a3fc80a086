/** A node with the account service, people to speak for, and a playback service that stands in for its callers. */
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { localBus } from "#mixins/bus/local.bus.ts";
import { startBroker } from "./broker.ts";

type Forward = Context<{ user: string; name: ActionName; params: never }>;
type Role = "customer" | "staff" | "admin";

const heard = ["entitlement_changed", "subscription_changed", "profile_removed"].map((name) => `account.${name}`);

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

export class AccountNode {
  readonly broker: ServiceBroker;
  readonly events: readonly Envelope[];

  private constructor(broker: ServiceBroker, events: readonly Envelope[]) {
    this.broker = broker;
    this.events = events;
  }

  static async open(...beside: readonly ServiceSchema[]): Promise<AccountNode> {
    const { default: service } = await import("../../../services/account/account.service.ts");
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
    return new AccountNode(await startBroker([...beside, service, playback]), events);
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
    { id, role }: { readonly id: string; readonly role: Role },
    name: N,
    params: Input<N>,
    key: string = newId(),
  ): Promise<Output<N>> {
    const accessToken = await signAccessToken({ id, roles: [role], session: newId() });
    return this.broker.call(name, params, withKey(key, { meta: { accessToken } }));
  }

  plan(amount: number, more: Partial<Input<"account.createPlan">> = {}): Promise<Output<"account.createPlan">> {
    const code = `plan-${newId().slice(-12)}`;
    return this.as(someone("staff"), "account.createPlan", planOf(code, amount, more));
  }

  /** What others heard of a person, oldest first, without the service's name. */
  told(userId: string): readonly { readonly type: string; readonly data: unknown }[] {
    const own = this.events.filter(({ data }) => (data as { userId: string }).userId === userId);
    return own.map(({ type, data }) => ({ type: type.slice("account.".length), data }));
  }
}
