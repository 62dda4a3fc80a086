/** The address of one message: whether anything may be sent to it, and what its provider says of it. */
import type { Database } from "#mixins/database/database.ts";
import { keyOf, type NotificationConfig } from "./notification.config.ts";
import { codeOf, Undeliverable } from "./notification.model.ts";
import type { Recipient } from "./notification.provider.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import { hashOf, type Reached } from "./suppression.model.ts";
import * as suppressions from "./suppression.repository.ts";

export class Address {
  readonly #db: Database<NotificationTables>;
  /** Null for browsers, whose subscriptions end by themselves. */
  readonly #named: { readonly channel: Reached; readonly hash: string } | null;
  readonly #userId: string;

  constructor(
    db: Database<NotificationTables>,
    config: NotificationConfig,
    { channel, user_id }: Pick<DeliveryRow, "channel" | "user_id">,
    { email, phone }: Pick<Recipient, "email" | "phone">,
  ) {
    this.#db = db;
    this.#userId = user_id;
    this.#named =
      channel === "push"
        ? null
        : { channel, hash: hashOf(keyOf(config), channel, channel === "email" ? email : phone!) };
  }

  async isSuppressed(): Promise<boolean> {
    return this.#named !== null && suppressions.isSuppressed(this.#db, this.#named.channel, this.#named.hash);
  }

  /** Nothing more is sent to it, where its provider said that it does not exist. */
  async failed(error: unknown): Promise<void> {
    const named = this.#named;
    if (!named || !(error instanceof Undeliverable) || !error.isBounce) return;
    const row = { ...named, user_id: this.#userId, reason: codeOf(error) };
    await this.#db.write(async (tx) => tx.add(suppressions.suppress(row)));
  }

  /** It has taken a message. */
  async restore(): Promise<void> {
    if (this.#named) await suppressions.restore(this.#db, this.#named.channel, this.#named.hash);
  }
}
