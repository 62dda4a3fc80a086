/**
 * Videos: described, published, watched where and when that is allowed, and withdrawn.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { contentService, film } from "../../test/support/systems/content-service.ts";

const { call, callAsStaff, callAsService, create, encoded, published, told } = contentService();
const code = (type: string) => expect.objectContaining({ type });
const viewer = { region: "KR", plan: "basic", source: "subscription" } as const;
const watch = (videoId: string, who: Partial<Record<keyof typeof viewer, never>> = {}) =>
  callAsService("content.getPlayable", { videoId, ...viewer, ...who });
const won = (amount: number) => ({ amount, currency: "KRW" as const });

describe("content.create and update", () => {
  it("adds a draft that only staff see", async () => {
    const made = await create();
    expect(made).toMatchObject({ kind: "film", state: "draft", titles: { ko: { title: "마당", synopsis: "" } } });
    await expect(call("content.get", { id: made.id })).rejects.toEqual(code("NOT_FOUND"));
    expect(await callAsStaff("content.getDetails", { id: made.id })).toEqual(made);
  });

  it("changes what is given, and replaces whole lists", async () => {
    const { id: personId } = await callAsStaff("content.createPerson", { name: "Han", nameKo: "한" });
    const credits = [{ personId, role: "actor" as const, character: "Miller" }];
    const { id, version } = await create({ credits, rights: [{ regions: ["KR"] }, { plans: ["premium"] }] });
    const changed = await callAsStaff("content.update", { id, version, rating: 15, rights: [{}] });
    const person = { personId, role: "actor", name: "Han", nameKo: "한", character: "Miller" };
    expect(changed).toMatchObject({ titles: film.titles, rating: 15, version: 2, rights: [{}], credits: [person] });
    await expect(callAsStaff("content.update", { id, version, rating: 0 })).rejects.toEqual(code("STALE_VERSION"));
  });

  it.each([
    ["CONTENT_PARENT_INVALID", { kind: "season" as const, number: 1 }],
    ["CONTENT_PARENT_INVALID", { kind: "season" as const, number: 1, parentId: newId() }],
    ["CONTENT_PARENT_INVALID", { number: 1 }],
    ["CONTENT_PERSON_NOT_FOUND", { credits: [{ personId: newId(), role: "actor" as const }] }],
    ["CONTENT_GENRE_NOT_FOUND", { genres: ["nothing"] }],
    ["VALIDATION_FAILED", { rights: [{ from: "2030-01-01T00:00:00Z", until: "2030-01-01T00:00:00Z" }] }],
    ["VALIDATION_FAILED", { offers: { rent: won(1) } }],
    ["VALIDATION_FAILED", { offers: { buy: won(1), rent: { amount: 1, currency: "USD" as const }, rentHours: 1 } }],
  ])("rejects with %s: %j", async (type, values) => {
    await expect(create(values)).rejects.toEqual(code(type));
  });

  it("gives a number once, however many ask for it", async () => {
    const { id: parentId } = await create({ kind: "series" });
    const making = Array.from({ length: 4 }, () => create({ kind: "season", parentId, number: 1 }));
    const refused = (await Promise.allSettled(making)).filter(({ status }) => status === "rejected");
    expect(refused).toMatchObject(Array.from({ length: 3 }, () => ({ reason: code("CONTENT_NUMBER_TAKEN") })));
  });
});

describe("content.publish, withdraw and remove", () => {
  it("publishes what is encoded, once, and tells of it", async () => {
    const { id } = await create();
    await expect(callAsStaff("content.publish", { id })).rejects.toEqual(code("CONTENT_NOT_READY"));
    await encoded(id);
    expect(await callAsStaff("content.publish", { id })).toMatchObject({ state: "published", heights: [240] });
    await callAsStaff("content.publish", { id });
    expect(await call("content.get", { id })).not.toHaveProperty("rights");
    expect(await told(id)).toEqual(["content.published"]);
  });

  it("withdraws a series with all that it consists of", async () => {
    const { id: series } = await published({ kind: "series" });
    const { id: season } = await published({ kind: "season", parentId: series, number: 1 });
    const { id: episode } = await published({ kind: "episode", parentId: season, number: 1 });
    await expect(callAsStaff("content.remove", { id: series })).rejects.toEqual(code("CONTENT_HAS_PARTS"));
    expect(await callAsStaff("content.withdraw", { id: series })).toMatchObject({ state: "ready" });
    for (const id of [series, season, episode]) {
      await expect(call("content.get", { id })).rejects.toEqual(code("NOT_FOUND"));
      expect(await told(id)).toEqual(["content.published", "content.removed"]);
    }
    await expect(callAsStaff("content.publish", { id: episode })).rejects.toEqual(code("CONTENT_NOT_READY"));
  });

  it("removes for good", async () => {
    const { id } = await published({ rights: [{}] });
    await callAsStaff("content.remove", { id });
    expect(await told(id)).toEqual(["content.published", "content.removed"]);
    for (const action of ["content.getDetails", "content.publish", "content.remove"] as const)
      await expect(callAsStaff(action, { id })).rejects.toEqual(code("NOT_FOUND"));
    await expect(watch(id)).rejects.toEqual(code("NOT_FOUND"));
  });
});

describe("content.getPlayable", () => {
  it("says what a player needs", async () => {
    const { id } = await published({ rights: [{}] });
    expect(await watch(id)).toEqual({
      videoId: id,
      title: "The Yard",
      durationMs: 60_000,
      rating: 12,
      path: `v/${id}/r1`,
      manifest: "main.m3u8",
      rungs: [{ height: 240, bandwidth: 400_000 }],
      chapters: [],
      next: null,
      until: null,
    });
  });

  it("holds a window to the millisecond, as it was written down", async () => {
    const begin = Date.now() + 86_400_000;
    const [from, until] = [timestamp(begin), timestamp(begin + 1000)];
    const { id } = await published({ rights: [{ regions: ["KR"], plans: ["basic"], from, until }] });
    const clock = jest.spyOn(Date, "now");
    const answerAt = async (time: number) => {
      clock.mockReturnValue(time);
      return watch(id).then(
        (answer) => answer.until,
        ({ type }: { type: string }) => type,
      );
    };
    expect(await answerAt(begin - 1)).toBe("CONTENT_NOT_AVAILABLE");
    expect(await answerAt(begin)).toBe(until);
    expect(await answerAt(begin + 999)).toBe(until);
    expect(await answerAt(begin + 1000)).toBe("CONTENT_NOT_AVAILABLE");
    clock.mockReturnValue(begin);
    await expect(watch(id, { region: "US" as never })).rejects.toEqual(code("CONTENT_NOT_AVAILABLE"));
    await expect(watch(id, { plan: "other" as never })).rejects.toEqual(code("CONTENT_PLAN_REQUIRED"));
  });

  it("takes the rights of the series where an episode has none, and names the next episode", async () => {
    const { id: series } = await published({ kind: "series", rights: [{ regions: ["KR"] }] });
    const [one, two] = await Promise.all(
      [1, 2].map((number) => published({ kind: "season", parentId: series, number })),
    );
    const first = await published({ kind: "episode", parentId: one!.id, number: 1 });
    const second = await published({ kind: "episode", parentId: one!.id, number: 5, rights: [{ regions: ["US"] }] });
    const third = await published({ kind: "episode", parentId: two!.id, number: 1 });
    expect(await watch(first.id)).toMatchObject({ next: second.id });
    await expect(watch(second.id)).rejects.toEqual(code("CONTENT_NOT_AVAILABLE"));
    expect(await call("content.getNext", { id: second.id })).toMatchObject({ next: { id: third.id } });
    expect(await call("content.getNext", { id: third.id })).toEqual({ next: null });
  });
});

describe("content.offer", () => {
  it("tells the prices of what is published", async () => {
    const { id } = await published({ rights: [{}], offers: { buy: won(9900), rent: won(2900), rentHours: 48 } });
    const offer = { videoId: id, title: "The Yard", buy: won(9900), rent: won(2900), rentHours: 48, until: null };
    expect(await callAsService("content.offer", { videoId: id })).toEqual(offer);
    const { id: draft } = await create();
    await expect(callAsService("content.offer", { videoId: draft })).rejects.toEqual(code("NOT_FOUND"));
  });
});
