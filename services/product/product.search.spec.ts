/**
 * What a search finds, and in which order: sentences by hand, and some 300 searches whose answers follow from the rules.
 * @databases sqlite postgres
 */
import { folded } from "#core/folding.ts";
import { productService, won } from "../../test/support/systems/product-service.ts";

const { call, callAsStaff, create, createCategory } = productService();

/** Oldest first. */
const goods: readonly (readonly [name: string, description: string])[] = [
  ["Green tea", "First flush from Boseong"],
  ["Green tea latte", "With oat milk"],
  ["Tea", "The plain one"],
  ["Teapot", "White porcelain, 700 ml"],
  ["Evergreen tree", "Goes with green tea"],
  ["Black coffee", "Roasted in Seoul"],
  ["Coffee grinder", "Steel burrs, 100% hand-made"],
  ["Notebook A_5", "Dotted paper"],
  ["MacBook Pro 14", "Apple silicon"],
  ["MacBook Air 13", "Apple silicon, light"],
  ["Crème brûlée", "Dessert with a crust"],
  ["Straße", "A print of a street"],
  ["Red-blue lantern", "Silk, LED"],
  ["녹차", "보성에서 손으로 딴 차"],
  ["녹차 라떼", "귀리 우유와 녹차"],
  ["유기농 녹차 티백", "20개"],
  ["보리차", "구수한 곡물차"],
  ["김치냉장고", "스탠드형 3도어"],
  ["김치통 5 L", "반 포기가 들어가는 통"],
  ["접시", "김치를 담는 백자"],
  ["무선 이어폰", "노이즈 캔슬링"],
  ["유선 이어폰", "3.5 mm"],
  ["삼성 노트북", "15인치 SSD"],
  ["옹기 항아리", "숨 쉬는 전통 옹기"],
  ["컵라면", "매운맛"],
  ["우롱차 烏龍茶", "대만 고산차"],
];

let category = "";
beforeAll(async () => {
  category = (await createCategory("Search")).id;
  for (const [name, description] of goods) await create({ name, description, categoryId: category });
});

const search = async (q: string, limit = 100): Promise<string[]> => {
  const { items } = await call("product.list", { q, category, limit });
  return items.map(({ name }) => name);
};

describe("product.list", () => {
  it.each([
    // The whole name, then its beginning, then a word of it, then the rest.
    ["tea", ["Tea", "Teapot", "Green tea latte", "Green tea", "Evergreen tree"]],
    ["green tea", ["Green tea", "Green tea latte", "Evergreen tree"]],
    ["tea green", ["Green tea latte", "Green tea", "Evergreen tree"]],
    ["녹차", ["녹차", "녹차 라떼", "유기농 녹차 티백"]],
    ["김치", ["김치통 5 L", "김치냉장고", "접시"]],
    ["차", ["우롱차 烏龍茶", "보리차", "유기농 녹차 티백", "녹차 라떼", "녹차"]],
    ["green", ["Green tea latte", "Green tea", "Evergreen tree"]],
    ["teapot", ["Teapot"]],
    ["EAPO", ["Teapot"]],
    ["이어폰", ["유선 이어폰", "무선 이어폰"]],
    ["무선이", []],
    ["macbook", ["MacBook Air 13", "MacBook Pro 14"]],
    ["macbook 14", ["MacBook Pro 14"]],
    ["14 macbook", ["MacBook Pro 14"]],
    ["creme", ["Crème brûlée"]],
    ["STRASSE", ["Straße"]],
    ["烏龍", ["우롱차 烏龍茶"]],
    // One or two letters begin a word.
    ["m", ["MacBook Air 13", "MacBook Pro 14", "유선 이어폰", "Teapot", "Green tea latte"]],
    ["ma", ["MacBook Air 13", "MacBook Pro 14"]],
    ["3", ["유선 이어폰", "김치냉장고"]],
    // Signs are no wildcards.
    ["%", ["Coffee grinder"]],
    ["0%", ["Coffee grinder"]],
    ["_", ["Notebook A_5"]],
    ["a_5", ["Notebook A_5"]],
    ["\\", []],
    ["d-b", ["Red-blue lantern"]],
    ["red", ["Red-blue lantern"]],
    ["zzz", []],
    // A letter was changed, lost, added, or swapped.
    ["coffie", ["Coffee grinder", "Black coffee"]],
    ["cofee", ["Coffee grinder", "Black coffee"]],
    ["cofffee", ["Coffee grinder", "Black coffee"]],
    ["cofefe", ["Coffee grinder", "Black coffee"]],
    ["boffee", ["Coffee grinder", "Black coffee"]],
    ["coffie grinder", ["Coffee grinder"]],
    ["macbok air", ["MacBook Air 13"]],
    ["녹챠", ["녹차", "녹차 라떼", "유기농 녹차 티백"]],
    ["녹타", ["녹차", "녹차 라떼", "유기농 녹차 티백"]],
    ["기치통", ["김치통 5 L"]],
    ["노트븍", ["삼성 노트북"]],
    ["이어퐁", ["유선 이어폰", "무선 이어폰"]],
    ["항어리", ["옹기 항아리"]],
    // Two letters are no typo.
    ["covvee", []],
    // A word that some product has is not guessed, also where no product has all of them.
    ["tea coffee", []],
    // It was meant to be one of several.
    ["유산", ["유선 이어폰"]],
  ])("finds by %j", async (q, names) => {
    expect(await search(q)).toEqual(names);
  });

  /** The rules once more, in the simplest way. */
  const plain = (text: string) => folded(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const texts = goods.map(([name, description]) => ({ name, text: ` ${folded(`${name} ${description}`)} ` }));
  const has = (text: string, word: string) => text.includes(/^[a-z0-9]{1,2}$/.test(word) ? ` ${word}` : word);
  const found = (words: readonly string[]) => texts.filter(({ text }) => words.every((word) => has(text, word)));
  const rank = (name: string, words: readonly string[]) => {
    const whole = words.join(" ");
    const own: readonly string[] = plain(name);
    if (own.join(" ") === whole) return 0;
    if (own.join(" ").startsWith(whole)) return 1;
    return words.every((word) => own.includes(word)) ? 2 : 3;
  };
  const expected = (q: string): string[] => {
    const words = folded(q).split(" ");
    const names = found(words)
      .map(({ name }) => name)
      .toReversed();
    return names.toSorted((a, b) => rank(a, plain(q)) - rank(b, plain(q)));
  };
  const all = goods.flatMap(([name, description]) => [...plain(name), ...plain(description)]);
  const parts = [...new Set(all)].flatMap((word) => [
    word,
    word.slice(0, 2),
    word.slice(0, 3),
    word.slice(1, 4),
    word.slice(-2),
  ]);
  const pairs = goods.flatMap(([name, description]) => [name, `${plain(description)[0]} ${plain(name)[0]}`]);
  const searches = [...new Set([...parts, ...pairs])].filter(
    // What no product has is guessed, and is tried above.
    (q) =>
      q !== "" &&
      folded(q)
        .split(" ")
        .every((word) => found([word]).length > 0),
  );

  it("finds what contains the words, ranked, for every word of the shop, its parts, and pairs of words", async () => {
    expect(searches.length).toBeGreaterThan(250);
    const answers: Record<string, string[]> = {};
    for (const q of searches) answers[q] = await search(q);
    expect(answers).toEqual(Object.fromEntries(searches.map((q) => [q, expected(q)])));
  });

  it("shows every product of a ranked search once, page by page, also what is not in the index", async () => {
    for (const q of ["tea", "차", "e"]) {
      const found: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page: { items: { name: string }[]; nextCursor: string | null } = await call("product.list", {
          q,
          category,
          limit: 2,
          ...(cursor && { cursor }),
        });
        found.push(...page.items.map(({ name }) => name));
        cursor = page.nextCursor;
      }
      expect(found).toEqual(await search(q));
    }
  });

  it("finds by words in the order that is asked for", async () => {
    const { items } = await call("product.list", { q: "tea", category, sort: "name" });
    expect(items.map(({ name }) => name)).toEqual(["Evergreen tree", "Green tea", "Green tea latte", "Tea", "Teapot"]);
  });

  it("finds a product by what it says now, at the price that it has now, and not when it is archived", async () => {
    const { id } = await create({ name: "Quincewood box", price: won(100), categoryId: category });
    expect(await search("quincewood")).toEqual(["Quincewood box"]);
    await callAsStaff("product.update", { id, name: "Cedarwood box" });
    expect([await search("quincewood"), await search("cedarwood")]).toEqual([[], ["Cedarwood box"]]);
    await callAsStaff("product.setPrice", { id, price: won(70_000) });
    const dear = { q: "cedarwood", minPrice: 60_000 };
    expect((await call("product.list", dear)).items).toMatchObject([{ id }]);
    expect((await call("product.list", { q: "cedarwood", maxPrice: 60_000 })).items).toEqual([]);
    await callAsStaff("product.archive", { id });
    expect(await search("cedarwood")).toEqual([]);
  });

  it("rejects with VALIDATION_FAILED the cursor of ranked words where there are none", async () => {
    const { nextCursor } = await call("product.list", { q: "tea", limit: 1 });
    await expect(call("product.list", { cursor: nextCursor! })).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
  });
});
