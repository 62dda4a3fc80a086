import { containing, folded, sortKey } from "./folding.ts";

describe("folded", () => {
  it.each([
    ["Émile", "emile"],
    ["E\u0301mile", "EMILE"],
    ["Олег", "олег"],
    ["Øyvind", "oyvind"],
    ["ΆΣΠΡΟΣ", "άσπρος"],
    ["ΑΣ", "ας"],
    ["Straße", "STRASSE"],
    ["STRAẞE", "strasse"],
    ["İstanbul", "istanbul"],
    ["ISTANBUL", "ıstanbul"],
    ["ﬁne", "FINE"],
    ["ＴＥＡ １", "tea 1"],
    ["Łódź", "LODZ"],
    ["Ærø", "aero"],
    ["שָׁלוֹם", "שלום"],
    ["مُحَمَّد", "محمد"],
    ["マダン", "ﾏﾀﾞﾝ"],
    ["마당", "마당".normalize("NFD")],
    ["so\u00adft\u200b", "soft"],
  ])("makes %s and %s the same", (one, other) => expect(folded(one)).toBe(folded(other)));

  it.each([
    ["가", "강"],
    ["नि", "ना"],
    ["i", "j"],
    ["a b", "ab"],
  ])("keeps %s and %s apart, neither a part of the other", (one, other) => {
    expect(folded(other)).not.toContain(folded(one));
    expect(folded(one)).not.toContain(folded(other));
  });

  it("is the same when folded again", () => {
    for (const text of ["ﷺ", "Straße ΆΣΠΡΟΣ", "ϔ́", "ŉ", "ǰ", "ΐ"]) expect(folded(folded(text))).toBe(folded(text));
  });
});

describe("sortKey", () => {
  it("puts names in the order of a dictionary", () => {
    const names = [
      "10 cups",
      "apple",
      "Apricot",
      "Ärmel",
      "éclair",
      "Øl",
      "Zebra",
      "zoo",
      "Ωμέγα",
      "Ёлка",
      "가방",
      "나무",
    ];
    const order = (one: string, other: string) =>
      Buffer.compare(Buffer.from(sortKey(one)), Buffer.from(sortKey(other)));
    expect(names.toReversed().toSorted(order)).toEqual(names);
  });

  it("is short enough for an index, and whole", () => {
    const key = sortKey("ﷺ".repeat(200));
    expect(Buffer.byteLength(key)).toBeLessThan(2700 / 4);
    expect(sortKey(`a${"😀".repeat(200)}`).isWellFormed()).toBe(true);
  });
});

describe("containing", () => {
  it("escapes what LIKE would take for a wildcard", () => {
    expect(containing(String.raw`100%_\ `)).toBe(String.raw`%100\%\_\\ %`);
  });
});
