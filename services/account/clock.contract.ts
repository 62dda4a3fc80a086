/** Test clocks: an account's own time, by which staff try what a subscription does in years. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Strict, Timestamp } from "#core/schema.ts";

const TestClock = Type.Object(
  {
    userId: Id,
    now: Timestamp,
    target: Type.Union([Timestamp, Type.Null()]),
    status: Type.Enum(["ready", "advancing"]),
  },
  { title: "TestClock" },
);

export type TestClock = Static<typeof TestClock>;

export const clockActions = {
  advance: action({
    summary:
      "Move an account's test clock on: all that is due until then happens, in order. It never goes back, and no account with real invoices gets one",
    rest: "POST /test-clocks",
    status: 201,
    shownBy: "getTestClock",
    unfinished: { status: ["advancing"] },
    auth: "staff",
    input: Strict({ userId: Id, to: Timestamp }),
    output: TestClock,
    errors: ["NOT_FOUND", "CLOCK_BACK", "CLOCK_ADVANCING", "CLOCK_REFUSED"],
  }),
  getTestClock: action({
    summary: "An account's test clock, and whether it stands",
    rest: "GET /test-clocks/:userId",
    auth: "staff",
    input: Strict({ userId: Id }),
    output: TestClock,
    errors: ["NOT_FOUND"],
  }),
};
