/** A person's browsers: which of them receive push messages. */
import type { Service } from "moleculer";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { networksOf } from "#mixins/http/public-host.ts";
import { acceptedKeys, publicEndpoint } from "./endpoint.model.ts";
import type { NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import { toSubscription } from "./notification.projection.ts";
import type { NotificationTables } from "./notification.repository.ts";
import * as preferences from "./preference.repository.ts";
import type { pushes as contract } from "./push.contract.ts";
import { vapidOf } from "./web-push.model.ts";

/** Browsers of one person that receive push messages. */
const SUBSCRIPTIONS = 20;

type Host = Service & { readonly db: Database<NotificationTables> };

function handlersOf({ PUSH_VAPID_PRIVATE_KEY: key, PUSH_NETWORKS }: NotificationConfig) {
  const networks = networksOf(PUSH_NETWORKS);
  const publicKey = key === null ? null : vapidOf(key, "").publicKey;
  return {
    getPushKey: () => ({ publicKey }),

    async subscribe(this: Host, ctx: Ctx<Input<"notification.subscribe">>) {
      const { language } = ctx.meta;
      const endpoint = publicEndpoint(ctx.params.endpoint, networks, language);
      const keys = acceptedKeys(ctx.params.keys, language);
      const subscribed = await this.db.write((tx) =>
        preferences.subscribe(tx, userId(ctx), { endpoint, keys }, SUBSCRIPTIONS),
      );
      if (!subscribed) throw notification.error("SUBSCRIPTIONS_FULL", { most: SUBSCRIPTIONS });
      return toSubscription(subscribed);
    },

    async listSubscriptions(this: Host, ctx: Ctx) {
      const rows = await preferences.browsers(this.db, userId(ctx));
      return { items: rows.map(toSubscription), nextCursor: null };
    },

    async unsubscribe(this: Host, ctx: Ctx<Input<"notification.unsubscribe">>) {
      const removed = await this.db.write((tx) => preferences.unsubscribe(tx, userId(ctx), ctx.params.id));
      if (!removed) throw notification.error("NOT_FOUND");
      return null;
    },
  } satisfies BlockHandlers<typeof contract>;
}

export const pushes = (config: NotificationConfig): Mixin =>
  mixin({}, { name: "pushes", migrations: {}, handlers: handlersOf(config) });
