/** What staff see of deliveries, and what mail services report about addresses. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { deliveryLog as contract } from "./delivery.contract.ts";
import * as log from "./delivery.repository.ts";
import { keyOf, type NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import type { NotificationTables } from "./notification.repository.ts";
import { hashOf, isSigned, readReport, type Report } from "./suppression.model.ts";
import * as suppressions from "./suppression.repository.ts";

type Host = Service & { readonly db: Database<NotificationTables> };

/** @throws NOT_FOUND where no mail service reports, SIGNATURE_INVALID, MALFORMED_JSON */
function verified(
  { NOTIFICATION_BOUNCE_SECRET: secret }: NotificationConfig,
  { headers, body }: Input<"notification.receiveBounce">,
) {
  if (secret === null) throw notification.error("NOT_FOUND");
  if (!isSigned(secret, { headers, body }, Math.floor(now() / 1000))) throw notification.error("SIGNATURE_INVALID");
  try {
    return readReport(body);
  } catch {
    throw notification.error("MALFORMED_JSON");
  }
}

const writesFor = (config: NotificationConfig, { addresses, reason }: Report) =>
  addresses.map((address) => {
    const hash = hashOf(keyOf(config), "email", address);
    return suppressions.suppress({ channel: "email", hash, user_id: null, reason });
  });

const handlersOf = (config: NotificationConfig) =>
  ({
    listDeliveries(this: Host, ctx: Ctx<Input<"notification.listDeliveries">>) {
      return log.list(this.db, ctx.params);
    },

    async listSuppressions(this: Host, ctx: Ctx<Input<"notification.listSuppressions">>) {
      const { address, channel = "email", ...paging } = ctx.params;
      const hash = address === undefined ? undefined : hashOf(keyOf(config), channel, address);
      const page = await suppressions.list(this.db, hash, paging);
      return {
        ...page,
        items: page.items.map((row) => ({
          id: row.id,
          channel: row.channel,
          reason: row.reason,
          createdAt: row.created_at,
        })),
      };
    },

    async removeSuppression(this: Host, ctx: Ctx<Input<"notification.removeSuppression">>) {
      if (!(await suppressions.remove(this.db, ctx.params.id))) throw notification.error("NOT_FOUND");
      return null;
    },

    async receiveBounce(this: Host, ctx: Ctx<Input<"notification.receiveBounce">>) {
      const report = verified(config, ctx.params);
      if (report) await this.db.write(async (tx) => tx.add(...writesFor(config, report)));
      return { received: true as const };
    },
  }) satisfies BlockHandlers<typeof contract>;

export const deliveryLog = (config: NotificationConfig): Mixin =>
  mixin({}, { name: "deliveryLog", migrations: {}, handlers: handlersOf(config) });
