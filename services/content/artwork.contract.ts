/** What staff add to a film beside its video: a poster, and subtitles. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Id, Nothing, Strict, Text, Timestamp } from "#core/schema.ts";
import { maybe, Version, VideoDetails } from "./description.contract.ts";

const SourceId = Type.String({ format: "uuid", maxLength: 36, description: "Of the upload" });
const Language = Code("^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$", 11);

const Subtitles = Type.Object(
  {
    language: Type.String({ description: "RFC 5646" }),
    name: maybe(Type.String({ description: "What players call it; the name of the language without it" })),
    createdAt: Timestamp,
  },
  { title: "Subtitles" },
);
export type Subtitles = Static<typeof Subtitles>;

const changing = { auth: "staff", concurrency: "write", shownBy: "getDetails", output: VideoDetails } as const;

export const artworkActions = {
  getPoster: action({
    summary: "A poster, which never changes under its id: the picture itself for `Accept: image/jpeg` or `image/*`",
    rest: "GET /videos/:id/posters/:posterId",
    auth: "public",
    file: "image/jpeg",
    immutable: true,
    input: Strict({ id: Id, posterId: Id }),
    output: Type.Object({
      name: Type.String({ description: "A name for the file" }),
      mediaType: Type.Literal("image/jpeg"),
      content: Type.String({ description: "The file in Base64" }),
    }),
    errors: ["NOT_FOUND"],
  }),
  setPoster: action({
    summary:
      "Give it a poster: an uploaded JPEG, PNG or WebP, which is made smaller. Without one, a film shows a frame of its own",
    rest: "PUT /videos/:id/poster",
    ...changing,
    limit: 60,
    timeout: 30_000,
    input: Strict({ id: Id, sourceId: SourceId, version: Type.Optional(Version) }),
    errors: ["NOT_FOUND", "STALE_VERSION", "SOURCE_NOT_FOUND", "IMAGE_INVALID"],
  }),
  removePoster: action({
    summary: "Remove its poster: a film shows a frame of its own again",
    rest: "DELETE /videos/:id/poster",
    auth: "staff",
    concurrency: "write",
    status: 204,
    input: Strict({ id: Id, version: Type.Optional(Version) }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  listSubtitles: action({
    summary: "Subtitles that were added to a film, by language. Those of its video are not among them",
    rest: "GET /videos/:id/subtitles",
    auth: "staff",
    input: ById,
    output: Type.Object({ items: Type.Array(Subtitles) }),
    errors: ["NOT_FOUND"],
  }),
  setSubtitles: action({
    summary: "Add subtitles in a language: an uploaded WebVTT or SRT. They take the place of those in this language",
    rest: "PUT /videos/:id/subtitles/:language",
    auth: "staff",
    timeout: 30_000,
    input: Strict({ id: Id, language: Language, sourceId: SourceId, name: Type.Optional(Text(60)) }),
    output: Subtitles,
    errors: ["NOT_FOUND", "NOT_PLAYED", "SOURCE_NOT_FOUND", "SUBTITLES_INVALID", "SUBTITLES_FULL", "CHANGED_MEANWHILE"],
  }),
  removeSubtitles: action({
    summary: "Remove subtitles that were added; those of its video are shown again",
    rest: "DELETE /videos/:id/subtitles/:language",
    status: 204,
    auth: "staff",
    timeout: 30_000,
    input: Strict({ id: Id, language: Language }),
    output: Nothing,
    errors: ["NOT_FOUND", "CHANGED_MEANWHILE"],
  }),
};
