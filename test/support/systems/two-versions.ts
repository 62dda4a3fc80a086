/** The same service in two versions, for tests of gateways: the first is to be left. */
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict } from "#core/schema.ts";

const shared = { auth: "public", input: Strict({}), output: Type.Object({ version: Type.Integer() }) } as const;

const first = defineContract("stall", {
  summary: "Stalls of a market",
  actions: {
    show: action({
      ...shared,
      summary: "A stall",
      rest: "GET /stall",
      deprecated: { since: "2026-01-31", sunset: "2027-01-31" },
    }),
    fail: action({ ...shared, summary: "Fails", rest: "GET /stall/failing" }),
  },
});

const second = defineContract("stall", {
  version: 2,
  summary: "Stalls of a market",
  actions: { show: action({ ...shared, summary: "A stall", rest: "GET /stall" }) },
});

export const services = [
  implement(first, {
    actions: {
      show: () => ({ version: 1 }),
      fail() {
        throw new Error("It fails.");
      },
    },
  }),
  implement(second, { actions: { show: () => ({ version: 2 }) } }),
];
