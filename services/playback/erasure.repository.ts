/** What of a person's playback is personal: all of it goes when they leave. */
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { newId } from "#core/id.ts";
import * as history from "./history.repository.ts";
import * as marks from "./mark.repository.ts";
import type { Tx } from "./playback.tables.ts";
import * as sessions from "./playback.repository.ts";
import { tellEnded } from "./session.transition.ts";

export async function forget(
  this: { readonly idempotency: Idempotency; readonly outbox: Outbox },
  tx: Tx,
  { userId }: Leaving,
): Promise<"all"> {
  const cause = { requestID: newId(), id: newId() };
  tellEnded(tx, this.outbox, cause, await sessions.remove.ofUser(tx, userId), "erased");
  tx.add(history.forgetUser(userId), marks.forgetUser(userId), ...this.idempotency.forget(userId));
  return "all";
}
