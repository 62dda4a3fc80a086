import fc from "fast-check";
import { folded } from "#core/folding.ts";
import { differsByOne, havingAll, searchText, searchWords, textTokens, variantsOf } from "./search.model.ts";

/** Texts of a few letters, syllables and signs, so that parts of them come again. */
const text = fc.string({ unit: fc.constantFrom(...Array.from("abc1 -é가각나茶")), maxLength: 40 });

it("gives every text the tokens of each part of its words", () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (whole, from, length) => {
      const tokens = textTokens([], [whole]);
      const words = searchText(whole).trim().split(" ");
      const word = words[from % words.length]!;
      const start = from % (word.length || 1);
      const part = word.slice(start, start + 3 + (length % word.length || 1));
      const isBeginning = start === 0 || Array.from(part).length > 2 || !/^[a-z0-9]+$/.test(part);
      for (const group of part === "" || !isBeginning ? [] : searchWords(part).flatMap(havingAll))
        expect(group[0]!.filter((one) => !tokens.has(one))).toEqual([]);
    }),
  );
});

describe("a misspelt word", () => {
  const word = fc
    .string({ unit: fc.constantFrom(...Array.from("abcd가각녹")), minLength: 4, maxLength: 9 })
    .map(folded);
  const letter = fc.constantFrom("a", "b", "z");
  const misspelt = fc.tuple(word, fc.nat(), letter, fc.constantFrom("changed", "lost", "added", "swapped"));

  const spoil = ([one, at, other, how]: [string, number, string, string]): string => {
    const units = one.normalize("NFD");
    const index = at % (units.length - 1);
    const [before, here, behind] = [units.slice(0, index), units[index]!, units.slice(index + 1)];
    if (how === "changed") return before + other + behind;
    if (how === "lost") return before + behind;
    if (how === "added") return before + other + here + behind;
    return before + behind[0]! + here + behind.slice(1);
  };

  it("is one letter from what was meant, and both have a variant in common", () => {
    fc.assert(
      fc.property(misspelt, (typo) => {
        const [meant, typed] = [typo[0], spoil(typo)];
        fc.pre(typed !== meant.normalize("NFD") && typed.length >= 4);
        expect(differsByOne(typed, meant)).toBe(true);
        const variants = new Set(variantsOf(typed));
        expect(variantsOf(meant).some((one) => variants.has(one))).toBe(true);
      }),
    );
  });

  it.each([
    ["tea", "tea"],
    ["coffee", "covvee"],
    ["abcd", "badc"],
    ["abcd", "abcdef"],
    ["abcd", "xabcdx"],
  ])("is not %s for %s", (a, b) => {
    expect(differsByOne(a, b)).toBe(false);
  });
});
