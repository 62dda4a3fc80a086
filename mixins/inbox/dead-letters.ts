/** Staff's view of a service's dead letters: the handlers of the actions that the inbox adds to its contract. */
import type { Ctx } from "#core/context.ts";
import { decodeCursor, page, type Paging, positions } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import type { BlockHandlers } from "#core/implement.ts";
import type { Database } from "../database/database.ts";
import type { inbox } from "./inbox.contract.ts";
import { type InboxTable, listDead } from "./letters.ts";
import { type DeadLetter, type Inbox, toDeadLetter } from "./receiver.ts";

interface Host {
  readonly db: Database<InboxTable>;
  readonly inbox: Inbox;
}

const shown = ({ event: { id, type, subject, time, data }, attempts, error }: DeadLetter) => ({
  id,
  type,
  subject,
  time,
  attempts,
  error,
  data,
});

/** @throws NOT_FOUND when no dead letter has this id */
function known(found: boolean): null {
  if (!found) throw sharedError("NOT_FOUND");
  return null;
}

export const handlers = {
  /** In the order of their arrival. */
  async listDeadLetters(this: Host, { params: { limit = 20, cursor } }: Ctx<Paging>) {
    const [after] = decodeCursor(cursor, positions.number) ?? [0];
    const rows = await this.db.all(listDead, { after, limit: limit + 1 });
    return page(
      rows,
      limit,
      (row) => shown(toDeadLetter(row)),
      ({ seq }) => [seq],
    );
  },
  async replayDeadLetter(this: Host, { params }: Ctx<{ id: string }>) {
    return known(await this.inbox.replay(params.id));
  },
  async discardDeadLetter(this: Host, { params }: Ctx<{ id: string }>) {
    return known(await this.inbox.discard(params.id));
  },
} satisfies BlockHandlers<typeof inbox>;
