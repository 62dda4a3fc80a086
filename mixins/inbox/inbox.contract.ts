/** What operators may do with a service's inbox: look at dead letters, try them again, give them up. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Nothing, Page, paging, Strict } from "#core/schema.ts";

const Letter = Type.Object({
  id: Type.String(),
  type: Type.String(),
  subject: Type.String(),
  time: Type.String(),
  attempts: Type.Integer(),
  error: Type.String(),
  data: Type.Unknown(),
});

export const inbox = {
  name: "inbox",
  actions: (service: string) => ({
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
  }),
} as const satisfies Block;
