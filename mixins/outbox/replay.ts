/** Events told again by hand: spread the action into a contract of a service with an outbox, the handler into the service. */
import Type from "typebox";
import type { Ctx } from "#core/context.ts";
import { action } from "#core/contract.ts";
import { Strict, Text, Timestamp } from "#core/schema.ts";
import type { Outbox } from "./outbox.mixin.ts";

export const replayActions = <const Name extends string>(service: Name) => ({
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
});

interface Host {
  readonly outbox: Outbox;
}

export const replayHandlers = {
  async replayEvents(this: Host, { params }: Ctx<{ since: string; type?: string; subject?: string }>) {
    return { count: await this.outbox.replay(params) };
  },
};
