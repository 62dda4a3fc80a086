/** Who calls whom, as the contracts declare it: calls must not run in a circle. Events may go anywhere. */
import { ownerOf } from "#mixins/bus/nats/plan.ts";
import { nodeUses } from "#mixins/node/revocations.ts";
import { contracts } from "../support/fixtures/source.ts";

const declared = [...contracts.values()];

/** A way along calls that ends where it began, if there is one. */
function circle(from: string, path: readonly string[] = []): readonly string[] | undefined {
  if (path.includes(from)) return [...path, from];
  const next = new Set((contracts.get(from)?.uses ?? []).map(ownerOf));
  return [...next].map((one) => circle(one, [...path, from])).find((one) => one !== undefined);
}

describe("calls between services", () => {
  it("are these", () => {
    const graph = Object.fromEntries(declared.flatMap(({ name, uses }) => (uses ? [[name, uses.toSorted()]] : [])));
    expect(graph).toEqual({
      account: ["content.offer", "payment.authorize", "payment.capture", "payment.reverse"],
      edge: ["playback.getSteering", "playback.lookup", "playback.saveEdge"],
      notification: ["order.lookup", "product.lookup", "user.contact", "user.lookupMails"],
      order: [
        "account.grantTitles",
        "account.holdTitles",
        "account.quoteTitles",
        "account.releaseTitles",
        "payment.authorize",
        "payment.capture",
        "payment.confirm",
        "payment.get",
        "payment.refundPart",
        "payment.reverse",
        "product.commit",
        "product.lookup",
        "product.release",
        "product.releaseItems",
        "product.reserve",
        "user.contact",
        "user.holdBenefits",
        "user.lookupBenefits",
        "user.redeemBenefits",
        "user.refundBenefits",
        "user.releaseBenefits",
      ],
      playback: ["account.entitle", "account.getProfile", "content.getPlayable"],
    });
  });

  it("never run in a circle", () => {
    expect(declared.map(({ name }) => circle(name)).filter(Boolean)).toEqual([]);
  });

  it("lead to actions of others that exist, and every action for services alone has a caller", () => {
    const actions = declared.flatMap(({ name, actions }) =>
      Object.entries(actions).map(([key, { auth }]) => ({ name: `${name}.${key}`, auth })),
    );
    const known = new Set(actions.map(({ name }) => name));
    const strange = declared.flatMap(({ name, uses = [] }) =>
      uses.filter((one) => ownerOf(one) === name || !known.has(one)),
    );
    expect(strange).toEqual([]);
    const called = new Set([...nodeUses, ...declared.flatMap(({ uses = [] }) => uses)]);
    const uncalled = actions.filter(({ name, auth }) => auth === "service" && !called.has(name));
    // Only the demo data and the command that appoints an administrator ask for these.
    expect([...new Set(uncalled.map(({ name }) => name))]).toEqual([
      "account.seed",
      "content.seed",
      "product.seed",
      "user.seed",
    ]);
  });
});

it("events are those of others, and exist", () => {
  const known = new Set(
    declared.flatMap(({ name, events = {} }) => Object.keys(events).map((key) => `${name}.${key}`)),
  );
  const strange = declared.flatMap(({ name, subscribes = [] }) =>
    subscribes.filter((one) => ownerOf(one) === name || !known.has(one)),
  );
  expect(strange).toEqual([]);
});
