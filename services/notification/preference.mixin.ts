/** A person's choices, made after a sign-in or by the link of an e-mail. */
import type { Service } from "moleculer";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { isTimeZone, isWanted, type Kind } from "./choice.model.ts";
import { keyOf, type NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import type { NotificationTables } from "./notification.repository.ts";
import type { choices as contract } from "./preference.contract.ts";
import * as preferences from "./preference.repository.ts";
import { readToken, writeToken, type Unsubscription } from "./unsubscription.model.ts";

type Host = Service & { readonly db: Database<NotificationTables> };
type Config = Pick<NotificationConfig, "NOTIFICATION_KEY" | "NOTIFICATION_API_URL">;

/** The address that mail programs post to, and the page for people; null where nobody can reach us. */
export function unsubscribing(config: Config, of: { userId: string; kind: Kind }) {
  const { NOTIFICATION_API_URL: api } = config;
  if (api === null) return null;
  const [base, token] = [api.replace(/\/+$/, ""), writeToken(keyOf(config), of)];
  return { post: `${base}/api/v1/unsubscriptions/${token}`, page: `${base}/unsubscribe#${token}` };
}

const unknownZone = {
  en: "must be a time zone such as Asia/Seoul",
  ko: "Asia/Seoul과 같은 시간대여야 합니다",
};

function handlersOf(config: NotificationConfig) {
  /** @throws LINK_INVALID */
  const verified = (token: string): Unsubscription => {
    const read = readToken(keyOf(config), token);
    if (!read) throw notification.error("LINK_INVALID");
    return read;
  };
  return {
    getPreferences(this: Host, ctx: Ctx) {
      return preferences.find(this.db, userId(ctx));
    },

    async setPreferences(this: Host, ctx: Ctx<Input<"notification.setPreferences">>) {
      const { version, ...wanted } = ctx.params;
      if (wanted.quietHours && !isTimeZone(wanted.quietHours.timeZone)) {
        const detail = unknownZone[ctx.meta.language ?? "en"];
        throw notification.error("VALIDATION_FAILED", { errors: [{ pointer: "/quietHours/timeZone", detail }] });
      }
      return this.db.write(async (tx) => {
        const { version: before, ...present } = await preferences.find(tx, userId(ctx));
        const next = { ...present, ...wanted };
        const isStale = version !== undefined && version !== before;
        if (isStale || !(await preferences.choose(tx, userId(ctx), next, before)))
          throw notification.error("STALE_VERSION");
        return { ...next, version: before + 1 };
      });
    },

    async getUnsubscription(this: Host, ctx: Ctx<Input<"notification.getUnsubscription">>) {
      const { userId: id, kind } = verified(ctx.params.token);
      const present = await preferences.find(this.db, id);
      return { kind, isWanted: isWanted(present, { channel: "email", kind, isUrgent: false, isAsked: true }) };
    },

    async withdraw(this: Host, ctx: Ctx<Input<"notification.withdraw">>) {
      const { userId: id, kind } = verified(ctx.params.token);
      await this.db.write(async (tx) => {
        tx.lock(`preferences:${id}`);
        const { version, ...present } = await preferences.find(tx, id);
        const kinds = { ...present.kinds, [kind]: { ...present.kinds?.[kind], email: false } };
        // A change that came between makes the mail program, or the person, ask again.
        if (!(await preferences.choose(tx, id, { ...present, kinds }, version)))
          throw notification.error("STALE_VERSION");
      });
      return { kind, isWanted: false };
    },
  } satisfies BlockHandlers<typeof contract>;
}

export const choices = (config: NotificationConfig): Mixin =>
  mixin({}, { name: "choices", migrations: {}, handlers: handlersOf(config) });
