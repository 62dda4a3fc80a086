/** Each route of each contract is taken of its service, and of no other. */
import { contracts } from "../../scripts/contracts.ts";
import { isOwnPath } from "../../services/api/ownership.ts";

const all = await contracts();
const routes = all.flatMap(({ name, actions }) =>
  Object.values(actions).flatMap(({ rest }) => (rest ? [[rest, name] as const] : [])),
);

it.each(routes)("%s is taken of %s alone", (rest, service) => {
  const path = `/api/v1${rest.slice(rest.indexOf("/"))}`;
  const names = new Set(all.map(({ name }) => name));
  expect([...names].filter((name) => isOwnPath(name, path))).toEqual([service]);
});
