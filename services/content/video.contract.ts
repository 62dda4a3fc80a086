/** Films, series, seasons and episodes: customers find them, and staff maintain, publish and withdraw them. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Nothing, Page, paging, Strict, Text } from "#core/schema.ts";
import {
  GenreCode,
  Kind,
  maybe,
  NewVideo,
  Rating,
  State,
  Version,
  Video,
  VideoChange,
  VideoDetails,
  VideoSummary,
} from "./description.contract.ts";

const Search = Strict({
  ...paging,
  q: Type.Optional(Text(100, 0)),
  kind: Type.Optional(Kind),
  genre: Type.Optional(GenreCode),
  person: Type.Optional(Id),
  parent: Type.Optional(Id),
  maxRating: Type.Optional(Rating),
  sort: Type.Optional(Type.Enum(["newest", "title", "number"])),
});

const changing = { auth: "staff", concurrency: "write", shownBy: "getDetails", output: VideoDetails } as const;
const Versioned = Strict({ id: Id, version: Type.Optional(Version) });

export const videoActions = {
  list: action({
    summary: "Search films and series by title, person and genre; with `parent`, its seasons or episodes",
    rest: "GET /videos",
    auth: "public",
    input: Search,
    output: Page(VideoSummary),
  }),
  get: action({
    summary: "A published film, series, season or episode",
    rest: "GET /videos/:id",
    auth: "public",
    concurrency: "read",
    input: ById,
    output: Video,
    errors: ["NOT_FOUND"],
  }),
  getNext: action({
    summary: "The episode after this one, also of the next season; null after the last",
    rest: "GET /videos/:id/next",
    auth: "public",
    input: ById,
    output: Type.Object({ next: maybe(VideoSummary) }),
    errors: ["NOT_FOUND"],
  }),
  listDetails: action({
    summary: "Everything that was not removed, newest first, whatever its state",
    rest: "GET /video-details",
    auth: "staff",
    input: Strict({ ...paging, state: Type.Optional(State) }),
    output: Page(VideoDetails),
  }),
  getDetails: action({
    summary: "A film, series, season or episode as staff see it",
    rest: "GET /videos/:id/details",
    auth: "staff",
    concurrency: "read",
    input: ById,
    output: VideoDetails,
    errors: ["NOT_FOUND"],
  }),
  create: action({
    summary: "Add a film, series, season or episode, as a draft",
    rest: "POST /videos",
    status: 201,
    shownBy: "getDetails",
    auth: "staff",
    input: NewVideo,
    output: VideoDetails,
    errors: ["PARENT_INVALID", "NUMBER_TAKEN", "PERSON_NOT_FOUND", "GENRE_NOT_FOUND"],
  }),
  update: action({
    summary: "Change what is known about it, where it may be watched, and what it costs",
    rest: "PATCH /videos/:id",
    ...changing,
    input: VideoChange,
    errors: ["NOT_FOUND", "STALE_VERSION", "PARENT_INVALID", "NUMBER_TAKEN", "PERSON_NOT_FOUND", "GENRE_NOT_FOUND"],
  }),
  publish: action({
    summary: "Show it to customers",
    rest: "POST /videos/:id/publish",
    ...changing,
    keyless: "Asked again, it changes nothing more.",
    input: Versioned,
    errors: ["NOT_FOUND", "STALE_VERSION", "NOT_READY"],
  }),
  withdraw: action({
    summary: "Take it down: who watches it is stopped. What it consists of goes with it, and it can be published again",
    rest: "POST /videos/:id/withdraw",
    ...changing,
    keyless: "Asked again, it changes nothing more.",
    input: Versioned,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  remove: action({
    summary: "Remove it with its files, for good",
    rest: "DELETE /videos/:id",
    status: 204,
    auth: "staff",
    concurrency: "write",
    input: Versioned,
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION", "HAS_PARTS"],
  }),
};
