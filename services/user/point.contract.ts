/** Points: what customers have, and why it changed; and what staff give or take. */
import Type, { type Static } from "typebox";
import { action, type Block, event } from "#core/contract.ts";
import { ById, Id, MAX_AMOUNT, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";

const Points = Type.Object(
  {
    balance: Type.Integer({ description: "What can be used. It is never below 0" }),
    held: Type.Integer({ description: "What orders hold that are not paid yet" }),
    owed: Type.Integer({ description: "What had to be taken back after it was used. What comes next pays it" }),
    expiring: Type.Array(Type.Object({ points: Type.Integer(), expiresAt: Timestamp }), {
      description: "The balance by the time at which it expires, the earliest first, at most twelve",
    }),
  },
  { title: "Points" },
);
export type Points = Static<typeof Points>;

export const reasons = [
  "earned",
  "adjusted",
  "used",
  "redeemed",
  "returned",
  "taken_back",
  "expired",
  "account_closed",
] as const;

const PointsEntry = Type.Object(
  {
    id: Id,
    reason: Type.Enum([...reasons], { title: "PointsReason" }),
    points: Type.Integer({ description: "Below 0 for what was taken" }),
    orderId: Type.Optional(Id),
    note: Type.Optional(Type.String({ description: "Why staff gave or took them" })),
    createdAt: Timestamp,
  },
  { title: "PointsEntry" },
);
export type PointsEntry = Static<typeof PointsEntry>;

const actions = {
  getPoints: action({
    summary: "My points",
    rest: "GET /users/me/points",
    export: "points",
    auth: "customer",
    input: Strict({}),
    output: Points,
  }),
  listPoints: action({
    summary: "What changed of my points and why, newest first",
    rest: "GET /users/me/points/history",
    export: "pointsHistory",
    auth: "customer",
    input: Strict(paging),
    output: Page(PointsEntry),
  }),
  getPointsOf: action({
    summary: "A user's points",
    rest: "GET /users/:id/points",
    auth: "staff",
    input: ById,
    output: Points,
    errors: ["NOT_FOUND"],
  }),
  listPointsOf: action({
    summary: "What changed of a user's points and why, newest first",
    rest: "GET /users/:id/points/history",
    auth: "staff",
    input: Strict({ ...paging, id: Id }),
    output: Page(PointsEntry),
    errors: ["NOT_FOUND"],
  }),
  adjustPoints: action({
    summary: "Give points to a user, or take some, with a reason that the user sees",
    rest: "POST /users/:id/points/adjustments",
    auth: "staff",
    idempotent: true,
    input: Strict({
      id: Id,
      points: Type.Integer({
        minimum: -MAX_AMOUNT,
        maximum: MAX_AMOUNT,
        description: "Below 0 to take. No more is taken than there is",
      }),
      note: Text(200),
    }),
    output: Points,
    errors: ["NOT_FOUND", "POINTS_TOO_FEW", "VALIDATION_FAILED"],
  }),
};

export const pointEvents = {
  points_changed: event({
    version: 1,
    summary: "Somebody has earned points, or they were given or taken; what they use themselves is not told",
    data: Type.Object({
      userId: Id,
      reason: Type.String({ examples: ["earned", "taken_back", "adjusted"] }),
      points: Type.Integer({ description: "Below 0 for what was taken" }),
      balance: Type.Integer(),
      orderId: Type.Optional(Id),
    }),
  }),
  points_reminded: event({
    version: 1,
    summary: "Points of somebody expire in a month",
    data: Type.Object({ userId: Id, points: Type.Integer(), expiresAt: Timestamp }),
  }),
};

export const points = { name: "points", actions: () => actions } satisfies Block;
