/** Staff's view of a service's dead letters: spread the actions into its contract, the handlers into its service. */
import Type from "typebox";
import type { Ctx } from "#core/context.ts";
import { action } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import { ById, Nothing, Strict } from "#core/schema.ts";
import type { Inbox } from "./receiver.ts";

const DeadLetters = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      subject: Type.String(),
      time: Type.String(),
      attempts: Type.Integer(),
      error: Type.String(),
      data: Type.Unknown(),
    }),
  ),
});

const limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 }));

export const deadLetterActions = <const Name extends string>(service: Name) => ({
  listDeadLetters: action({
    summary: `Events that the ${service} service failed to handle`,
    rest: `GET /dead-letters/${service}`,
    auth: "staff",
    operator: true,
    input: Strict({ limit }),
    output: DeadLetters,
  }),
  replayDeadLetter: action({
    summary: "Try an event again",
    rest: `POST /dead-letters/${service}/:id/replay`,
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
  readonly inbox: Inbox;
}

/** @throws NOT_FOUND when no dead letter had this id */
function known(found: boolean): null {
  if (!found) throw sharedError("NOT_FOUND");
  return null;
}

export const deadLetterHandlers = {
  async listDeadLetters(this: Host, { params }: Ctx<{ limit?: number }>) {
    const letters = await this.inbox.deadLetters(params.limit ?? 20);
    return {
      items: letters.map(({ event: { id, type, subject, time, data }, attempts, error }) => ({
        id,
        type,
        subject,
        time,
        attempts,
        error,
        data,
      })),
    };
  },
  async replayDeadLetter(this: Host, { params }: Ctx<{ id: string }>) {
    return known(await this.inbox.replay(params.id));
  },
  async discardDeadLetter(this: Host, { params }: Ctx<{ id: string }>) {
    return known(await this.inbox.discard(params.id));
  },
};
