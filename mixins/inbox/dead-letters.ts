/** Staff's view of a service's dead letters: spread the actions into its contract, the handlers into its service. */
import Type from "typebox";
import type { Ctx } from "#core/context.ts";
import { action } from "#core/contract.ts";
import { decodeCursor, page, type Paging, positions } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import { ById, Nothing, Page, paging, Strict } from "#core/schema.ts";
import type { Database } from "../database/database.ts";
import { type InboxTable, listDead } from "./letters.ts";
import { type DeadLetter, type Inbox, toDeadLetter } from "./receiver.ts";

const Letter = Type.Object({
  id: Type.String(),
  type: Type.String(),
  subject: Type.String(),
  time: Type.String(),
  attempts: Type.Integer(),
  error: Type.String(),
  data: Type.Unknown(),
});

export const deadLetterActions = <const Name extends string>(service: Name) => ({
  listDeadLetters: action({
    summary: `Events that the ${service} service failed to handle`,
    rest: `GET /dead-letters/${service}`,
    auth: "staff",
    operator: true,
    input: Strict(paging),
    output: Page(Letter),
  }),
  replayDeadLetter: action({
    summary: "Try an event again",
    rest: `POST /dead-letters/${service}/:id/replay`,
    keyless: "Asked again, it changes nothing more.",
    status: 204,
    auth: "staff",
    operator: true,
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  discardDeadLetter: action({
    summary: "Give an event up for good",
    rest: `DELETE /dead-letters/${service}/:id`,
    status: 204,
    auth: "staff",
    operator: true,
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
});

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

/** @throws NOT_FOUND when no dead letter had this id */
function known(found: boolean): null {
  if (!found) throw sharedError("NOT_FOUND");
  return null;
}

export const deadLetterHandlers = {
  /** In the order in which they came. */
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
};
