/** The same service in two versions, for tests of gateways: the first is to be left. */
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Strict } from "#core/schema.ts";

const shared = { auth: "public", input: Strict({}), output: Type.Object({ version: Type.Integer() }) } as const;

const first = defineContract("sample", {
  summary: "Samples",
  actions: {
    show: action({
      ...shared,
      summary: "A sample",
      rest: "GET /sample",
      deprecated: { since: "2026-01-31", sunset: "2027-01-31" },
    }),
    fail: action({ ...shared, summary: "Fails", rest: "GET /sample/failing" }),
  },
});

const second = defineContract("sample", {
  version: 2,
  summary: "Samples",
  actions: { show: action({ ...shared, summary: "A sample", rest: "GET /sample" }) },
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
