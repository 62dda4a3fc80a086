/** What other services ask of a title: what it costs, and whether and how it may be watched. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Country, Id, Money, Strict, Timestamp } from "#core/schema.ts";
import { Chapter, maybe, Plan, Rating } from "./description.contract.ts";

const Source = Type.Enum(["subscription", "purchase", "rental"], { title: "EntitlementSource" });

export const serviceActions = {
  offer: action({
    summary: "What a published title costs to buy and to rent where it may be watched now, and until when",
    auth: "service",
    idempotent: true,
    input: Strict({
      videoId: Id,
      region: Type.Optional(
        Type.Union([Country, Type.Null()], { description: "Absent: only what is shown everywhere" }),
      ),
    }),
    output: Type.Object({
      videoId: Id,
      title: Type.String(),
      buy: maybe(Money),
      rent: maybe(Money),
      rentHours: maybe(Type.Integer()),
      until: maybe(Timestamp),
    }),
    errors: ["NOT_FOUND", "NOT_AVAILABLE"],
  }),
  getPlayable: action({
    summary: "What a player needs of a film or an episode that may be watched here and now",
    auth: "service",
    idempotent: true,
    input: Strict({ videoId: Id, region: maybe(Country), plan: maybe(Plan), source: Source }),
    output: Type.Object({
      videoId: Id,
      title: Type.String(),
      durationMs: Type.Integer(),
      rating: Rating,
      path: Type.String({ description: "Of the folder with its files in the storage" }),
      manifest: Type.String({ description: "The playlist of all rungs in that folder" }),
      rungs: Type.Array(Type.Object({ height: Type.Integer(), bandwidth: Type.Integer() })),
      chapters: Type.Array(Chapter),
      next: maybe(Id),
      until: maybe(Timestamp),
    }),
    errors: ["NOT_FOUND", "NOT_AVAILABLE", "PLAN_REQUIRED"],
  }),
  seed: action({
    summary: "Add the sample film, which is made and encoded by and by, unless it is there",
    auth: "service",
    idempotent: true,
    timeout: 30_000,
    input: Strict({}),
    output: Type.Object({ added: Type.Boolean() }),
  }),
};
