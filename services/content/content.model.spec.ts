/** Where, when and with which plans something may be watched, to the millisecond. */
import { admit, type Right, titleIn, type Viewer } from "./content.model.ts";

const open: Right = { regions: null, plans: null, from: null, until: null };
const viewer: Viewer = { region: "KR", plan: "basic", source: "subscription" };
const code = (type: string) => expect.objectContaining({ type });
const outcome = (rights: readonly Right[], who: Partial<Viewer>, now: number): unknown => {
  try {
    return admit(rights, { ...viewer, ...who }, now);
  } catch (error) {
    return error;
  }
};
const [AWAY, PLAN] = [code("CONTENT_NOT_AVAILABLE"), code("CONTENT_PLAN_REQUIRED")];

describe("admit", () => {
  it.each([
    [999, AWAY],
    [1000, 2000],
    [1999, 2000],
    [2000, AWAY],
  ])("counts the beginning of a window in and its end out: at %d", (now, end) => {
    expect(outcome([{ ...open, from: 1000, until: 2000 }], {}, now)).toEqual(end);
  });

  it.each([
    ["KR", null],
    ["US", AWAY],
    [null, AWAY],
  ])("holds regions, also for whom it is not known where they are: %s", (region, end) => {
    expect(outcome([{ ...open, regions: ["JP", "KR"] }], { region }, 0)).toEqual(end);
  });

  it.each<[Partial<Viewer>, unknown]>([
    [{ plan: "premium" }, null],
    [{ plan: "basic" }, PLAN],
    [{ plan: null }, PLAN],
    [{ plan: null, source: "purchase" }, null],
    [{ plan: null, source: "rental" }, null],
  ])("asks subscribers for a plan, and nobody who bought or rented it: %j", (who, end) => {
    expect(outcome([{ ...open, plans: ["premium"] }], who, 0)).toEqual(end);
  });

  it("takes the window that lasts longest of those that let the viewer in", () => {
    const rights = [
      { ...open, until: 10 },
      { ...open, until: 20 },
      { ...open, plans: ["premium"] },
    ];
    expect(outcome(rights, {}, 5)).toBe(20);
    expect(outcome(rights, { plan: "premium" }, 5)).toBeNull();
    expect(outcome(rights, {}, 20)).toEqual(PLAN);
  });

  it("lets nobody in without any rights", () => {
    expect(outcome([], {}, 0)).toEqual(AWAY);
  });
});

describe("titleIn", () => {
  it("is the title in the reader's language, else in the other one", () => {
    const both = { en: { title: "The Yard" }, ko: { title: "마당" } };
    expect([titleIn(both), titleIn(both, "ko"), titleIn({ ko: both.ko }, "en")]).toEqual(["The Yard", "마당", "마당"]);
  });
});
