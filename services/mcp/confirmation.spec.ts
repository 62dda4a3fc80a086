/** Confirmations are good for one person, tool and arguments, for a while, in every gateway of the deployment. */
import { isError } from "#core/errors.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { Confirmations, type Intent, LIFETIME } from "./confirmation.ts";

const intent: Intent = { person: "ann", tool: "order_create", input: { items: [1, 2], note: { a: 1, b: 2 } } };
const [here, there] = [new Confirmations(), new Confirmations()];
const refusal = (ask: () => unknown): boolean => {
  try {
    ask();
    return false;
  } catch (error) {
    return isError(error, "MCP_CONFIRMATION_INVALID");
  }
};
afterEach(() => jest.restoreAllMocks());

it("is checked by any gateway, as often as the call is repeated, and names one key", () => {
  const confirmation = here.issue("agent", intent);
  const key = there.check("agent", confirmation, intent);
  expect(there.check("agent", confirmation, { ...intent, input: { note: { b: 2, a: 1 }, items: [1, 2] } })).toBe(key);
  expect(there.check("agent", here.issue("agent", intent), intent)).not.toBe(key);
});

it.each<[string, Partial<Intent>]>([
  ["another person", { person: "bob" }],
  ["another tool", { tool: "order_cancel" }],
  ["other arguments", { input: { items: [2, 1], note: { a: 1, b: 2 } } }],
])("is not good for %s", (_, other) => {
  const confirmation = here.issue("agent", intent);
  expect(refusal(() => here.check("agent", confirmation, { ...intent, ...other }))).toBe(true);
});

it("of an agent is not good for what its client must ask, nor the other way round", () => {
  expect(refusal(() => here.check("client", here.issue("agent", intent), intent))).toBe(true);
  expect(refusal(() => here.check("agent", here.issue("client", intent), intent))).toBe(true);
});

it("ends", () => {
  const clock = new Clock();
  clock.stop();
  const confirmation = here.issue("agent", intent);
  clock.advance(LIFETIME);
  expect(refusal(() => here.check("agent", confirmation, intent))).toBe(false);
  clock.advance(1);
  expect(refusal(() => here.check("agent", confirmation, intent))).toBe(true);
});

const forged = (confirmation: string) => {
  const [id, until, signature] = confirmation.split(".") as [string, string, string];
  return {
    "with a later end": `${id}.zzzzzzzz.${signature}`,
    "with another id": `${id.replace(/^./, (first) => (first === "0" ? "1" : "0"))}.${until}.${signature}`,
    "without a signature": `${id}.${until}.`,
    "with a signature of nobody": `${id}.${until}.${"A".repeat(43)}`,
    "that is none": "yes",
    "that is empty": "",
    "that is long": "x".repeat(100_000),
  };
};

it.each(Object.entries(forged(here.issue("agent", intent))))("is refused when it was made up: one %s", (_, made) => {
  expect(refusal(() => here.check("agent", made, intent))).toBe(true);
});
