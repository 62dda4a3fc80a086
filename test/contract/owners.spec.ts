/** Each route of each contract is taken of its service, and of no other. */
import { contracts } from "#mixins/node/services.ts";
import { isAction, isMetadata, isOfRelease } from "#mixins/gateway/announced.ts";
import { isOwnPart, isOwnPath } from "../../services/api/ownership.ts";

const all = await contracts();
const routes = all.flatMap(({ name, actions }) =>
  Object.values(actions).flatMap(({ rest }) => (rest ? [[rest, name] as const] : [])),
);

it.each(routes)("%s is taken of %s alone", (rest, service) => {
  const path = `/api/v1${rest.slice(rest.indexOf("/"))}`;
  const names = new Set(all.map(({ name }) => name));
  expect([...names].filter((name) => isOwnPath(name, path))).toEqual([service]);
});

const parts = all.flatMap(({ name, actions }) =>
  Object.values(actions).flatMap((one) => ("export" in one && one.export ? [[one.export, name] as const] : [])),
);

it.each(parts)("what is kept as %s is taken of %s alone", (part, service) => {
  const names = new Set(all.map(({ name }) => name));
  expect([...names].filter((name) => isOwnPart(name, part))).toEqual([service]);
});

it.each(all)("what $name announces is taken for a contract, and its inputs for this release's", (contract) => {
  const { actions, errors = {}, events = {}, summary } = contract;
  expect(isMetadata({ summary, errors, events })).toBe(true);
  for (const [rawName, one] of Object.entries(actions)) {
    expect([rawName, isAction({ ...one, rawName })]).toEqual([rawName, true]);
    if (one.rest)
      expect([rawName, isOfRelease(JSON.parse(JSON.stringify(one.input)) as object)]).toEqual([rawName, true]);
  }
});
