import fc from "fast-check";
import { capacityOf, ranked, routed, type Target } from "./routing.model.ts";

const edges = (...weights: readonly number[]): Target[] =>
  weights.map((weight, index) => ({ id: `edge-${index}`, weight, load: 0 }));

/** Sends so many sessions of films, whose popularity falls as in a shop: the first is watched most. */
function send(targets: Target[], sessions: number, films = 200): Map<string, Set<string>> {
  const held = new Map(targets.map(({ id }) => [id, new Set<string>()]));
  let random = 7;
  for (let session = 0; session < sessions; session += 1) {
    random = (random * 48_271) % 2_147_483_647;
    const film = `film-${Math.floor(films ** (random / 2_147_483_647))}`;
    const chosen = routed(film, targets)[0]!;
    held.get(chosen.id)!.add(film);
    targets[targets.indexOf(chosen)] = { ...chosen, load: chosen.load + 1 };
  }
  return held;
}

describe("the choice of an edge", () => {
  it("gives no edge more than its share by the bound, whatever is watched", () => {
    const targets = edges(1, 1, 2);
    send(targets, 4000, 3);
    for (const { load, weight } of targets) expect(load).toBeLessThanOrEqual(Math.ceil(((4000 * weight) / 4) * 1.25));
    for (const { load } of targets) expect(load).toBeGreaterThan(0);
  });

  it("is in proportion to the weights", () => {
    const counts = new Map<string, number>();
    for (let film = 0; film < 8000; film += 1) {
      const { id } = ranked(`film-${film}`, edges(1, 3))[0]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(counts.get("edge-1")! / 8000).toBeCloseTo(0.75, 1);
  });

  it("spreads films, so that each edge holds a part of them", () => {
    const held = [...send(edges(1, 1, 1, 1), 4000).values()].reduce((sum, films) => sum + films.size, 0);
    // At random nearly all four would hold nearly all of the 200.
    expect(held).toBeLessThan(200 * 2);
  });

  it("moves only the films of an edge that is gone", () => {
    const all = edges(1, 2, 3, 4);
    const left = all.slice(1);
    fc.assert(
      fc.property(fc.string(), (film) => {
        const before = ranked(film, all)[0]!;
        expect(ranked(film, left)[0]).toEqual(before.id === "edge-0" ? ranked(film, all)[1] : before);
      }),
    );
  });

  it("names every edge once, the full ones last", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), load: fc.nat(50) }), {
          minLength: 1,
          maxLength: 9,
        }),
        (film, some) => {
          const targets = some.map((one, index) => ({ id: `${index}`, ...one }));
          const order = routed(film, targets);
          expect(order.map(({ id }) => id).toSorted()).toEqual(targets.map(({ id }) => id).toSorted());
          // One has room always, since all together have more than their sum.
          expect(order[0]!.load).toBeLessThan(capacityOf(order[0]!, targets));
        },
      ),
    );
  });

  it("is the same on every node and in every release, so that none empties the caches of the others", () => {
    const orders = [0, 1, 2].map((film) => ranked(`film-${film}`, edges(1, 2, 3, 4)).map(({ id }) => id.slice(-1)));
    expect(orders.map((order) => order.join(""))).toEqual(["1230", "3210", "3120"]);
    // The first session of all has room somewhere.
    expect(capacityOf(edges(1)[0]!, edges(1, 1))).toBe(1);
  });
});
