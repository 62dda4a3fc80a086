/** Every change that staff, administrators or keys can make is recorded, and its log can be read. */
import { isRecorded } from "#core/recording.ts";
import { contracts } from "../support/fixtures/source.ts";

const all = [...contracts.values()];
const changing = all.filter(({ actions }) => Object.values(actions).some(isRecorded));

it.each(changing.map((one) => [one.name, one] as const))(
  "%s has an audit log, and a route to read it",
  (_, contract) => {
    // A gateway has no database, so no change of its own may need a record.
    expect(contract.gateway ?? false).toBe(false);
    expect(contract.actions).toHaveProperty("listAuditLog");
  },
);

it("says why of each change that is not recorded", () => {
  const reasons = all.flatMap(({ name, actions }) =>
    Object.entries(actions).flatMap(([key, { unaudited }]) => (unaudited === undefined ? [] : `${name}.${key}`)),
  );
  expect(reasons).toEqual(["api.drainNode", "api.resumeNode", "api.resetBreaker"]);
});
