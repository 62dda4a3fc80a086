/** The operators' action on a service's outbox: publishing events again. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Strict, Text, Timestamp } from "#core/schema.ts";

export const outbox = {
  name: "outbox",
  actions: (service: string) => ({
    replayEvents: action({
      summary: `Tell the events of the ${service} service again; subscribers pass over those they have had`,
      rest: `POST /events/${service}/replay`,
      keyless: "Subscribers pass over events that they have had.",
      auth: "admin",
      operator: true,
      timeout: 30_000,
      input: Strict({ since: Timestamp, type: Type.Optional(Text(100)), subject: Type.Optional(Text(200)) }),
      output: Type.Object({ count: Type.Integer() }),
    }),
  }),
} as const satisfies Block;
