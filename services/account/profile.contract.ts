/** Viewer profiles: who watches. Each has a language, and a child's has a limit of ratings. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Id, Nothing, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { Version } from "./plan.contract.ts";

const Language = Type.Enum(["en", "ko"]);
/** Four to eight digits, which nobody is shown again. */
export const Pin = Code("^[0-9]{4,8}$", 8);
const Rating = Type.Integer({ minimum: 0, maximum: 21, description: "The age that films are rated for" });

const Profile = Type.Object(
  {
    id: Id,
    name: Type.String(),
    language: Language,
    isKids: Type.Boolean(),
    maxRating: Type.Union([Rating, Type.Null()]),
    hasPin: Type.Boolean({ description: "A locked profile plays with its PIN. A child's is changed with it" }),
    createdAt: Timestamp,
    version: Version,
  },
  { title: "Profile" },
);
export type Profile = Static<typeof Profile>;

const settings = {
  name: Text(40),
  language: Type.Optional(Language),
  isKids: Type.Optional(Type.Boolean()),
  maxRating: Type.Optional(Type.Union([Rating, Type.Null()], { description: "A child's is 7 unless it is given" })),
};
const NewProfile = Strict({ ...settings, pin: Type.Optional(Pin), parentPin: Type.Optional(Pin) });
export type NewProfile = Static<typeof NewProfile>;

const pinOf = { pin: Type.Optional(Pin) };
const ProfileChange = Strict({
  id: Id,
  version: Type.Optional(Version),
  ...settings,
  name: Type.Optional(Text(40)),
  ...pinOf,
  parentPin: Type.Optional(Pin),
  newPin: Type.Optional(Type.Union([Pin, Type.Null()], { description: "null unlocks the profile" })),
});
export type ProfileChange = Static<typeof ProfileChange>;

export const profileActions = {
  listProfiles: action({
    summary: "My viewer profiles, oldest first: so few that one page holds them",
    rest: "GET /profiles",
    export: "profiles",
    auth: "customer",
    input: Strict({}),
    output: Page(Profile),
  }),
  getProfile: action({
    summary: "One of my viewer profiles",
    rest: "GET /profiles/:id",
    auth: "customer",
    concurrency: "read",
    input: ById,
    output: Profile,
    errors: ["NOT_FOUND"],
  }),
  addProfile: action({
    summary:
      "Add a viewer profile. If a profile has a PIN, a new profile that allows more than the children's profiles needs that PIN as `parentPin`",
    rest: "POST /profiles",
    keyless: "The request may hold a PIN, of which only the hash is stored.",
    status: 201,
    shownBy: "getProfile",
    auth: "customer",
    input: NewProfile,
    output: Profile,
    errors: ["PROFILES_FULL", "PIN_REQUIRED", "PIN_WRONG", "RATE_LIMITED"],
  }),
  editProfile: action({
    summary:
      "Change a viewer profile. A profile with a PIN needs that PIN. A change that allows more than before also needs a parent's PIN as `parentPin`",
    rest: "PATCH /profiles/:id",
    auth: "customer",
    concurrency: "write",
    input: ProfileChange,
    output: Profile,
    errors: ["NOT_FOUND", "STALE_VERSION", "PIN_REQUIRED", "PIN_WRONG", "RATE_LIMITED"],
  }),
  removeProfile: action({
    summary: "Remove a viewer profile, with what it watched",
    rest: "DELETE /profiles/:id",
    status: 204,
    auth: "customer",
    concurrency: "write",
    input: Strict({ id: Id, version: Type.Optional(Version), ...pinOf }),
    output: Nothing,
    errors: ["NOT_FOUND", "STALE_VERSION", "PIN_REQUIRED", "PIN_WRONG", "RATE_LIMITED"],
  }),
  resetPin: action({
    summary: "Unlock a profile whose PIN was forgotten",
    rest: "DELETE /profiles/:id/pin",
    status: 204,
    auth: "staff",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
};
