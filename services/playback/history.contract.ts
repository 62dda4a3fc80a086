/** What a profile watched, and how far; what it keeps for later, and what it likes. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Nothing, Page, paging, Strict, Timestamp } from "#core/schema.ts";

const Watched = Type.Object(
  {
    videoId: Id,
    profileId: Id,
    positionMs: Type.Integer(),
    durationMs: Type.Integer(),
    watchedAt: Type.Union([Timestamp, Type.Null()], { description: "When it was last seen to its end" }),
    updatedAt: Timestamp,
  },
  { title: "WatchedVideo" },
);
export type Watched = Static<typeof Watched>;

const Kept = Type.Object({ videoId: Id, profileId: Id, addedAt: Timestamp }, { title: "KeptVideo" });
export type Kept = Static<typeof Kept>;

const Liked = Type.Object(
  { videoId: Id, profileId: Id, likes: Type.Boolean(), updatedAt: Timestamp },
  { title: "LikedVideo" },
);
export type Liked = Static<typeof Liked>;

const OfProfile = Strict({ profileId: Id, ...paging });
const One = Strict({ videoId: Id, profileId: Id });

const own = { auth: "customer" } as const;
const removal = { ...own, status: 204, input: One, output: Nothing, errors: ["NOT_FOUND"] } as const;

export const historyActions = {
  listHistory: action({
    summary: "What a profile watched, latest first",
    rest: "GET /profiles/:profileId/history",
    ...own,
    input: OfProfile,
    output: Page(Watched),
  }),
  listContinued: action({
    summary: "What a profile began and has not seen to its end, latest first, and the next episodes",
    rest: "GET /profiles/:profileId/continue-watching",
    ...own,
    input: OfProfile,
    output: Page(Watched),
  }),
  removeHistory: action({
    summary: "Forget that a profile watched something",
    rest: "DELETE /profiles/:profileId/history/:videoId",
    ...removal,
  }),
  listWatchList: action({
    summary: "What a profile keeps for later, latest first",
    rest: "GET /profiles/:profileId/watch-list",
    ...own,
    input: OfProfile,
    output: Page(Kept),
  }),
  saveToWatchList: action({
    summary: "Keep a title for later",
    rest: "PUT /profiles/:profileId/watch-list/:videoId",
    ...own,
    input: One,
    output: Kept,
    errors: ["LIST_FULL", "NOT_FOUND"],
  }),
  removeFromWatchList: action({
    summary: "Keep a title no longer",
    rest: "DELETE /profiles/:profileId/watch-list/:videoId",
    ...removal,
  }),
  listLikes: action({
    summary: "What a profile likes and dislikes, latest first",
    rest: "GET /profiles/:profileId/likes",
    ...own,
    input: OfProfile,
    output: Page(Liked),
  }),
  setLike: action({
    summary: "Say that a profile likes or dislikes a title",
    rest: "PUT /profiles/:profileId/likes/:videoId",
    ...own,
    input: Strict({ ...One.properties, likes: Type.Boolean() }),
    output: Liked,
    errors: ["LIST_FULL", "NOT_FOUND"],
  }),
  removeLike: action({
    summary: "Take back what a profile said of a title",
    rest: "DELETE /profiles/:profileId/likes/:videoId",
    ...removal,
  }),
  listOwnHistory: action({
    summary: "What all my profiles watched",
    export: "watchHistory",
    ...own,
    input: Strict(paging),
    output: Page(Watched),
  }),
  listOwnWatchLists: action({
    summary: "What all my profiles keep for later",
    export: "watchLists",
    ...own,
    input: Strict(paging),
    output: Page(Kept),
  }),
  listOwnLikes: action({
    summary: "What all my profiles like and dislike",
    export: "likes",
    ...own,
    input: Strict(paging),
    output: Page(Liked),
  }),
};
