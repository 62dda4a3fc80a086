/** The contract of the content service: films and series, who may watch them where and when, and what players need. */
import Type from "typebox";
import { defineContract, event } from "#core/contract.ts";
import { Id } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { artworkActions } from "./artwork.contract.ts";
import { encodingActions } from "./encoding.contract.ts";
import { errors } from "./error.contract.ts";
import { peopleActions } from "./people.contract.ts";
import { serviceActions } from "./playable.contract.ts";
import { videoActions } from "./video.contract.ts";

const About = Type.Object({ videoId: Id });

export const content = defineContract("content", {
  summary: "Films and series: metadata, encoding, rights and publication",
  blocks: [audit, outbox],
  errors,
  actions: { ...videoActions, ...encodingActions, ...artworkActions, ...peopleActions, ...serviceActions },
  events: {
    published: event({ version: 1, summary: "Customers can find it now", data: About }),
    encoded: event({
      version: 1,
      summary: "Its video is encoded: it can be published, or is played anew",
      data: Type.Object({ videoId: Id, release: Id }),
    }),
    failed: event({
      version: 1,
      summary: "Its video could not be encoded",
      data: Type.Object({ videoId: Id, reason: Type.String() }),
    }),
    removed: event({ version: 1, summary: "It was taken down: who watches it must stop", data: About }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    content: typeof content;
  }
}
