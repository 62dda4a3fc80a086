/**
 * How films and series are found.
 * @databases sqlite postgres
 */
import type { Input } from "#core/contract.ts";
import { contentService } from "../../test/support/systems/content-service.ts";

const { call, callAsStaff, published } = contentService();
const search = async (filter: Input<"content.list">) =>
  (await call("content.list", filter)).items.map(({ titles }) => titles.en!.title);

let personId: string;
beforeAll(async () => {
  await callAsStaff("content.setGenre", { code: "drama", name: "Drama", nameKo: "드라마" });
  ({ id: personId } = await callAsStaff("content.createPerson", { name: "Bae Suji", nameKo: "배수지" }));
  let time = Date.now();
  const clock = jest.spyOn(Date, "now").mockImplementation(() => (time += 1));
  const add = (en: string, ko: string, values: Partial<Input<"content.create">> = {}) =>
    published({ titles: { en: { title: en }, ko: { title: ko } }, ...values });
  await add("Éclair", "번개", { genres: ["drama"], rating: 19 });
  await add("Rain", "비", { credits: [{ personId, role: "actor" }] });
  const { id: parentId } = await add("House", "집", { kind: "series", rating: 0 });
  await add("Second", "둘", { kind: "season", parentId, number: 2 });
  await add("First", "하나", { kind: "season", parentId, number: 1 });
  clock.mockRestore();
});

describe("content.list", () => {
  it.each<[Input<"content.list">, string[]]>([
    [{}, ["House", "Rain", "Éclair"]],
    [{ sort: "title" }, ["Éclair", "House", "Rain"]],
    [{ q: "ecl" }, ["Éclair"]],
    [{ q: "번개" }, ["Éclair"]],
    [{ q: "suji" }, ["Rain"]],
    [{ q: "배수" }, ["Rain"]],
    [{ q: "드라마" }, ["Éclair"]],
    [{ q: "DRAMA" }, ["Éclair"]],
    [{ q: "%" }, []],
    [{ genre: "drama" }, ["Éclair"]],
    [{ kind: "series" }, ["House"]],
    [{ maxRating: 12 }, ["House", "Rain"]],
  ])("finds by %j", async (filter, titles) => {
    expect(await search(filter)).toEqual(titles);
  });

  it("finds what a person made, and the parts of a series in their order", async () => {
    expect(await search({ person: personId })).toEqual(["Rain"]);
    const [series] = (await call("content.list", { kind: "series" })).items;
    expect(await search({ parent: series!.id, sort: "number" })).toEqual(["First", "Second"]);
  });

  it.each(["newest", "title"] as const)("goes on page by page in the order %s", async (sort) => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const answer = await call("content.list", { sort, limit: 1, ...(cursor ? { cursor } : {}) });
      found.push(...answer.items.map(({ titles }) => titles.en!.title));
      cursor = answer.nextCursor;
    }
    expect(found).toEqual(await search({ sort }));
  });
});
