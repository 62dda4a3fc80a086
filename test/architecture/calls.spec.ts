/** Who calls whom and who listens to whom, read from the source: calls must not run in a circle, events may. */
import { readFileSync } from "node:fs";
import { contracts, filesOf, serviceNames } from "../support/fixtures/source.ts";

const CALL = /\.call\(\s*"([a-z][\w-]*)\.(\w+)"/g;
const SUBSCRIPTION = /^\s+(?:async )?"([a-z][\w-]*)\.(\w+)"(?:\(|:)/gm;

/** What the source of a service names by `pattern`, each once, sorted: `<service>.<action or event>`. */
function named(service: string, pattern: RegExp): string[] {
  const found = filesOf(service).flatMap((path) => [...readFileSync(path, "utf8").matchAll(pattern)]);
  const names = found.map(([, owner, name]) => `${owner}.${name}`);
  return [...new Set(names)].toSorted();
}

const ownerOf = (name: string): string => name.slice(0, name.indexOf("."));

const calls = new Map(serviceNames.map((name) => [name, named(name, CALL)]));

/** By service, without those that name nobody: a new service need not be listed before it does. */
const graph = (namesOf: (service: string) => readonly string[]) =>
  Object.fromEntries(serviceNames.map((name) => [name, namesOf(name)]).filter(([, names]) => names!.length > 0));
const foreign = (name: string) => calls.get(name)!.filter((one) => ownerOf(one) !== name);

/** A way along calls that ends where it began, if there is one. */
function circle(from: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(from)) return [...path, from];
  const next = new Set(foreign(from).map(ownerOf));
  return [...next].map((one) => circle(one, [...path, from])).find((one) => one !== undefined);
}

describe("calls between services", () => {
  it("are these", () => {
    expect(graph(foreign)).toEqual({
      notification: ["order.lookup", "user.contact"],
      order: [
        "payment.authorize",
        "payment.capture",
        "payment.reverse",
        "product.commit",
        "product.lookup",
        "product.release",
        "product.reserve",
      ],
    });
  });

  it("never run in a circle", () => {
    expect(serviceNames.map((name) => circle(name)).filter(Boolean)).toEqual([]);
  });

  it("lead to actions that exist, and every action for services alone has a caller", () => {
    const actions = [...contracts.values()].flatMap(({ name, actions }) =>
      Object.entries(actions).map(([key, { auth }]) => ({ name: `${name}.${key}`, auth })),
    );
    const called = new Set(serviceNames.flatMap((name) => calls.get(name)!));
    const known = new Set(actions.map(({ name }) => name));
    expect([...called].filter((name) => !known.has(name))).toEqual([]);
    const uncalled = actions.filter(({ name, auth }) => auth === "service" && !called.has(name));
    // The demo data come from scripts/demo; every node asks for what is revoked.
    expect(uncalled.map(({ name }) => name)).toEqual(["product.seed", "user.listRevocations", "user.seed"]);
  });
});

describe("events between services", () => {
  it("are these", () => {
    expect(graph((name) => named(name, SUBSCRIPTION))).toEqual({
      api: ["live.changed"],
      notification: ["order.cancelled", "order.confirmed", "payment.captured", "payment.refunded", "user.deleted"],
      order: ["payment.authorized", "payment.failed", "payment.mismatched", "payment.refunded", "user.deleted"],
      payment: ["user.deleted"],
    });
  });
});
