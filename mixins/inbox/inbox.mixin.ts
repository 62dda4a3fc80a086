/**
 * Inbox: durable events take effect once. The id of an event is stored in the transaction of its effect, so an event
 * that comes again changes nothing. One that keeps failing waits with back-off and ends among the dead letters.
 *
 * @example
 * implement(notification, {
 *   mixins: [database<Tables>(…), inbox()],
 *   events: { "order.confirmed": (event, tx) => deliveries.add(tx, event.data.userId) },
 * })
 */
import type { Service } from "moleculer";
import { addName, type Mixin, mixin, type Subscriptions } from "#core/implement.ts";
import { busOf } from "../bus/bus-of.ts";
import type { Database } from "../database/database.ts";
import { handlers, type Inbox } from "./dead-letters.ts";
import { type InboxTable, migrations } from "./letters.ts";
import { Receiver } from "./receiver.ts";

export type { InboxTable } from "./letters.ts";

interface Host extends Service {
  readonly db: Database<InboxTable>;
  readonly inbox?: Receiver;
}

const subscriptionsOf = (service: Service): Subscriptions =>
  (service.schema as unknown as { subscriptions?: Subscriptions }).subscriptions ?? {};

interface Options<Own> {
  /** False for a type of event that this service does not need now: nothing of it is stored. It is asked often. */
  readonly isWanted?: (this: Own, type: string) => Promise<boolean>;
}

export function inbox<Own>({ isWanted }: Options<Own> = {}): Mixin<{ readonly inbox: Inbox }> {
  return mixin<{ readonly inbox: Inbox }, Host>(
    {
      created() {
        const receiver = new Receiver(this, subscriptionsOf(this), isWanted?.bind(this as never));
        addName(this, "inbox", receiver);
        // Subscribed before any service starts, so that an early event waits in its outbox instead of being missed.
        receiver.subscribe(busOf(this.broker));
      },
      async started() {
        await this.inbox?.start();
      },
      async stopped() {
        await this.inbox?.stop();
      },
    },
    { name: "inbox", migrations, handlers },
  );
}
