/** Encoding: staff give a film its video, and follow how it becomes playable. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, LiveItems, Nothing, Strict, Timestamp } from "#core/schema.ts";
import { maybe } from "./description.contract.ts";

const EncodingState = Type.Enum(["checking", "encoding", "done", "failed", "cancelled"], { title: "EncodingState" });
const Failure = Type.Enum(
  ["NOT_A_VIDEO", "NO_VIDEO_TRACK", "TOO_LARGE", "TOO_LONG", "TRUNCATED", "UNSUPPORTED", "BROKEN"],
  { title: "EncodingFailure" },
);

const Encoding = Type.Object(
  {
    id: Id,
    state: EncodingState,
    failure: maybe(Failure),
    detail: maybe(Type.String({ description: "What the program said" })),
    waitsFor: maybe(
      Type.Enum(["DISK_FULL", "FAILED"], { description: "Why it does not go on now; it is tried again by itself" }),
    ),
    doneSeconds: Type.Number({ description: "Seconds of film that are encoded, of all rungs together" }),
    totalSeconds: Type.Number({ description: "0 until the file has been checked" }),
    rungs: Type.Array(Type.Object({ height: Type.Integer(), doneSeconds: Type.Number(), totalSeconds: Type.Number() })),
    createdAt: Timestamp,
    endedAt: maybe(Timestamp),
  },
  { title: "Encoding" },
);
export type Encoding = Static<typeof Encoding>;

export const encodingActions = {
  createEncoding: action({
    summary:
      "Give a film or an episode its video: the file is checked and encoded, and what is played changes when all is done",
    rest: "POST /videos/:id/encodings",
    status: 202,
    auth: "staff",
    input: Strict({
      id: Id,
      sourceId: Type.Optional(
        Type.String({
          format: "uuid",
          maxLength: 36,
          description: "Of the upload. Left out, what is played is encoded again from the upload that it was made of",
        }),
      ),
      publish: Type.Optional(Type.Boolean({ description: "Publish it as soon as it is ready" })),
    }),
    output: Encoding,
    errors: ["NOT_FOUND", "NOT_PLAYED", "SOURCE_NOT_FOUND", "ENCODING_IN_PROGRESS"],
  }),
  getEncoding: action({
    summary: "The last encoding of a film: how far it is, or how it ended",
    rest: "GET /videos/:id/encoding",
    auth: "staff",
    input: ById,
    output: Encoding,
    errors: ["NOT_FOUND"],
  }),
  watchEncoding: action({
    summary: "Follow the encoding of a film as it goes on",
    rest: "GET /videos/:id/encoding/events",
    auth: "staff",
    live: true,
    sends: { "encoding.changed": { summary: "How far it is, or how it ended", data: Encoding } },
    input: Strict({ id: Id, after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) }),
    output: LiveItems,
    errors: ["NOT_FOUND"],
  }),
  cancelEncoding: action({
    summary: "Give an encoding up that has not ended",
    rest: "DELETE /videos/:id/encodings",
    status: 204,
    auth: "staff",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
};
