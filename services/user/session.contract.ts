/** Where a person is signed in: sessions go on with refresh tokens, are listed, and end. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Id, Nothing, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { Tokens } from "./token.contract.ts";

const Session = Type.Object(
  {
    id: Id,
    createdAt: Timestamp,
    refreshedAt: Timestamp,
    expiresAt: Timestamp,
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
    auth: "customer",
    export: "sessions",
    input: Strict({}),
    output: Page(Session),
  }),
};

export const ownSessions = { name: "ownSessions", actions: () => actions } satisfies Block;
