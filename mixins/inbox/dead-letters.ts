/**
 * Dead letters: how often an event is tried before it becomes one, and what staff do with them, through the actions that
 * the inbox adds to the service's contract.
 */
import type { Ctx } from "#core/context.ts";
import { decodeCursor, page, type Paging, positions } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import type { Envelope } from "#core/envelope.ts";
import type { BlockHandlers } from "#core/implement.ts";
import type { Database } from "../database/database.ts";
import type { inbox } from "./inbox.contract.ts";
import { type InboxRow, type InboxTable, listDead } from "./letters.ts";

/** An event whose handling has failed this often is a dead letter. */
export const ATTEMPTS = 8;
/** Milliseconds until the next attempt. */
export const backOff = (attempts: number): number => Math.min(100 * 2 ** attempts, 60_000);

export interface DeadLetter {
  readonly event: Envelope;
  readonly attempts: number;
  readonly error: string;
}

export interface Inbox {
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** Handles a dead letter again; answers false when none has this id. */
  replay(id: string): Promise<boolean>;
  /** Discards a dead letter for good; answers false when none has this id. */
  discard(id: string): Promise<boolean>;
}

interface Host {
  readonly db: Database<InboxTable>;
  readonly inbox: Inbox;
}

export const toDeadLetter = ({ envelope, attempts, error }: InboxRow): DeadLetter => ({
  event: JSON.parse(envelope!) as Envelope,
  attempts,
  error: error ?? "",
});

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
