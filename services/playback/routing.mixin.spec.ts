/**
 * To which edges players are sent, as those tell of themselves.
 * @databases sqlite postgres
 */
import { DAY } from "#core/clock.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { newFilm, PlaybackNode, Viewer } from "../../test/support/systems/playback-service.ts";

let node: PlaybackNode;
let clock: Clock;
beforeAll(async () => void (node = await PlaybackNode.open()));
afterAll(() => node.close());
beforeEach(() => void (clock = new Clock()));
afterEach(async () => {
  jest.restoreAllMocks();
  await node.db.write(({ query }) => query.deleteFrom("edges").execute());
});

interface Told {
  readonly region?: string | null;
  readonly failures?: number;
  readonly leaving?: boolean;
}
/** An edge tells of twenty requests, and what was read of edges before is not used any more. */
async function tell(id: string, { region = null, failures = 0, leaving = false }: Told = {}): Promise<void> {
  const about = { id, url: `https://${id}.example`, region, weight: 100, requests: 20, failures, leaving };
  await node.asService("playback.saveEdge", about);
  clock.advance(1000);
}
const start = (region: string) => node.as(viewer, "playback.createSession", film(), { region });
const viewer = new Viewer({ maxStreams: 100 });
const film = () => ({ profileId: viewer.profileId, videoId: newFilm() });
/** The names of the edges that sessions of these films begin at. */
async function chosen(region: string): Promise<ReadonlySet<string>> {
  const urls = await Promise.all(Array.from({ length: 12 }, () => start(region)));
  return new Set(urls.map(({ manifestUrl }) => new URL(manifestUrl, "https://none.example").host.split(".")[0]!));
}

it("players are sent to the edges of their region, and to any where there is none", async () => {
  await tell("seoul", { region: "KR" });
  await tell("tokyo", { region: "JP" });
  expect([await chosen("KR"), await chosen("JP"), await chosen("FR")]).toEqual([
    new Set(["seoul"]),
    new Set(["tokyo"]),
    new Set(["seoul", "tokyo"]),
  ]);
});

it("an edge with a burst of failures gets no players, unless there is no other", async () => {
  await tell("one", { failures: 10 });
  expect(await chosen("KR")).toEqual(new Set(["one"]));
  await tell("two");
  expect(await chosen("KR")).toEqual(new Set(["two"]));
  await tell("two", { leaving: true });
  await tell("three");
  expect(await chosen("KR")).toEqual(new Set(["three"]));
});

it("a session keeps its edge while that is well, and then keeps the one that it was moved to", async () => {
  await tell("one");
  const { id } = await start("KR");
  await tell("two");
  await tell("three");
  const steered = async () => {
    const { ttl, edges } = await node.asService("playback.getSteering", { id, region: "KR" });
    return { ttl, first: edges[0]!.id, count: edges.length };
  };
  expect(await steered()).toEqual({ ttl: 10, first: "one", count: 3 });
  await tell("one", { failures: 20 });
  const { ttl, first, count } = await steered();
  expect([ttl, first === "one", count]).toEqual([5, false, 2]);
  // The first one is well again after its rest.
  clock.advance(16_000);
  for (const edge of ["one", "two", "three"]) await tell(edge);
  expect(await steered()).toEqual({ ttl: 10, first, count: 3 });
});

it("an edge that was not heard of for a day is forgotten", async () => {
  await tell("old");
  clock.advance(DAY);
  await tell("new");
  expect(await node.db.query.selectFrom("edges").select("id").execute()).toEqual([{ id: "new" }]);
  expect(await chosen("KR")).toEqual(new Set(["new"]));
});
