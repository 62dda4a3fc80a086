/** The contract of the playback service: who plays what where, how far they came, and from which edge. */
import Type from "typebox";
import { defineContract, event } from "#core/contract.ts";
import { Id } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { deliveryActions } from "./delivery.contract.ts";
import { errors } from "./error.contract.ts";
import { historyActions } from "./history.contract.ts";
import { endings } from "./session.model.ts";
import { sessionActions } from "./session.contract.ts";

const about = { userId: Id, profileId: Id, videoId: Id };

export const playback = defineContract("playback", {
  summary: "Playback sessions, stream limits, watch history and the choice of edges",
  blocks: [audit, inbox, outbox],
  uses: ["account.entitle", "account.getProfile", "content.getPlayable"],
  subscribes: ["account.entitlement_changed", "account.profile_removed", "content.removed", "user.deleted"],
  errors,
  actions: { ...sessionActions, ...historyActions, ...deliveryActions },
  events: {
    started: event({
      version: 1,
      summary: "A film started on a device",
      data: Type.Object({ ...about, sessionId: Id }),
    }),
    ended: event({
      version: 1,
      summary: "A playback ended, with what its player told of it",
      data: Type.Object({
        ...about,
        sessionId: Id,
        reason: Type.Enum(endings),
        positionMs: Type.Union([Type.Integer(), Type.Null()]),
        stalls: Type.Integer(),
        failures: Type.Integer(),
      }),
    }),
    watched: event({ version: 1, summary: "A profile saw a film to its end", data: Type.Object(about) }),
    rated: event({
      version: 1,
      summary: "A profile likes or dislikes a title, or takes that back",
      data: Type.Object({ ...about, likes: Type.Union([Type.Boolean(), Type.Null()]) }),
    }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    playback: typeof playback;
  }
}
