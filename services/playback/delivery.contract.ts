/** What edges, which serve the files, tell the playback service and ask it. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Code, Id, Nothing, Strict, Text } from "#core/schema.ts";

export const EdgeId = Code("^[A-Za-z0-9][A-Za-z0-9-]{0,62}$", 63);
const Many = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

export const deliveryActions = {
  lookup: action({
    summary: "Which of these sessions have ended",
    auth: "service",
    idempotent: true,
    input: Strict({ ids: Type.Array(Id, { maxItems: 1000 }) }),
    output: Type.Object({ ended: Type.Array(Id) }),
  }),
  saveEdge: action({
    summary: "An edge is there: its address, and how its requests ended since it told last",
    auth: "service",
    idempotent: true,
    input: Strict({
      id: EdgeId,
      /** As players reach it; empty for the address of the HTTP API. */
      url: Type.Union([Text(300), Type.Literal("")]),
      region: Type.Union([Text(10), Type.Null()]),
      weight: Type.Integer({ minimum: 1, maximum: 1000 }),
      requests: Many,
      failures: Many,
      leaving: Type.Boolean(),
    }),
    output: Nothing,
  }),
  getSteering: action({
    summary: "From which edges a session should take its files",
    auth: "service",
    idempotent: true,
    input: Strict({ id: Id, region: Type.Union([Text(10), Type.Null()]) }),
    output: Type.Object({
      ttl: Type.Integer({ description: "Seconds" }),
      edges: Type.Array(Type.Object({ id: Type.String(), url: Type.String() })),
    }),
    errors: ["SESSION_OVER"],
  }),
};
