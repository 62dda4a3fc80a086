/** Where a person is signed in: sessions go on with refresh tokens, are listed, and end. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Nothing, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { Tokens } from "./token.contract.ts";

const Session = Type.Object(
  {
    id: Id,
    device: Type.Union([Type.String(), Type.Null()], {
      description: "What the device calls itself, or its browser and system, such as `Chrome, Windows`",
    }),
    network: Type.Union([Type.String(), Type.Null()], {
      description: "From where it signed in, roughly: the first bits of its address",
    }),
    createdAt: Timestamp,
    refreshedAt: Type.String({ ...Timestamp, description: "When it was last used, to about fifteen minutes" }),
    expiresAt: Timestamp,
    isCurrent: Type.Boolean({ description: "True for the session that asks" }),
  },
  { title: "Session" },
);
export type Session = Static<typeof Session>;

const actions = {
  refresh: action({
    summary: "Exchange a refresh token, once, for new tokens",
    rest: "POST /sessions/refresh",
    keyless: "Tokens are never stored.",
    auth: "public",
    limit: 60,
    input: Strict({ refreshToken: Text(200) }),
    output: Tokens,
    errors: ["REFRESH_TOKEN_INVALID", "REFRESH_TOKEN_REUSED"],
  }),
  signOut: action({
    summary: "Sign out here",
    rest: "DELETE /sessions/current",
    status: 204,
    auth: "customer",
    input: Strict({}),
    output: Nothing,
  }),
  listSessions: action({
    summary: "Where I am signed in",
    rest: "GET /users/me/sessions",
    auth: "customer",
    export: "sessions",
    input: Strict({}),
    output: Page(Session),
  }),
  removeSession: action({
    summary: "Sign out there: end one of my sessions, and its access tokens",
    rest: "DELETE /users/me/sessions/:id",
    status: 204,
    auth: "customer",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  removeOtherSessions: action({
    summary: "Sign out everywhere else: end all my sessions but this one",
    rest: "DELETE /users/me/sessions",
    status: 204,
    auth: "customer",
    input: Strict({}),
    output: Nothing,
  }),
};

export const ownSessions = { name: "ownSessions", actions: () => actions } satisfies Block;
