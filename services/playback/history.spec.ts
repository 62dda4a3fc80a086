/**
 * How far profiles came, what they keep and like, and what players tell.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { newFilm, PlaybackNode, Viewer } from "../../test/support/systems/playback-service.ts";
import * as marks from "./mark.repository.ts";

let node: PlaybackNode;
beforeAll(async () => void (node = await PlaybackNode.open()));
afterAll(() => node.close());
afterEach(() => jest.restoreAllMocks());

const code = (type: string) => expect.objectContaining({ type });
/** Where a profile is in a film, as it is told when that starts again. */
const resumed = async (viewer: Viewer, videoId: string) => (await node.start(viewer, videoId)).resumeMs;
const positions = async (viewer: Viewer) => (await node.history(viewer)).items.map(({ positionMs }) => positionMs);

describe("a position", () => {
  it("is never beyond the end of the film", async () => {
    const viewer = new Viewer();
    const { id, durationMs } = await node.start(viewer, newFilm());
    await node.beat(viewer, id, 1, durationMs + 60_000);
    expect(await positions(viewer)).toEqual([durationMs]);
  });

  it("is kept from device to device, and after the player has died", async () => {
    const viewer = new Viewer({ maxStreams: 4 });
    const videoId = newFilm();
    const { id } = await node.start(viewer, videoId);
    await node.beat(viewer, id, 1, 61_000);
    await node.beat(viewer, id, 2, 76_000);
    await node.lapse(id);
    expect(await resumed(viewer, videoId)).toBe(76_000);
    expect(await resumed(viewer, newFilm())).toBe(0);
    expect((await node.start(viewer, videoId, { fromStart: true })).resumeMs).toBe(0);
  });

  it("is kept when the player stops with it", async () => {
    const viewer = new Viewer();
    const { id } = await node.start(viewer, newFilm());
    await node.as(viewer, "playback.removeSession", { id, sequence: 1, positionMs: 90_000 });
    expect(await positions(viewer)).toEqual([90_000]);
  });

  it("is not changed by a report that comes late or twice", async () => {
    const viewer = new Viewer();
    const { id } = await node.start(viewer, newFilm());
    await node.beat(viewer, id, 5, 500_000);
    await node.beat(viewer, id, 4, 400_000);
    await node.beat(viewer, id, 5, 100_000);
    expect(await positions(viewer)).toEqual([500_000]);
  });

  it("is not wiped by a report near the beginning right after a resume, but by one that comes later", async () => {
    const viewer = new Viewer();
    const videoId = newFilm();
    const first = await node.start(viewer, videoId);
    await node.beat(viewer, first.id, 1, 900_000);
    const { id } = await node.start(viewer, videoId);
    await node.beat(viewer, id, 1, 0);
    expect(await positions(viewer)).toEqual([900_000]);
    await node.beat(viewer, id, 2, 915_000);
    await node.beat(viewer, id, 3, 2000);
    expect(await positions(viewer)).toEqual([2000]);
  });

  it("is one for both devices of a profile: the later report is right, also when both come at once", async () => {
    const viewer = new Viewer();
    const videoId = newFilm();
    const [a, b] = [await node.start(viewer, videoId), await node.start(viewer, videoId)];
    await Promise.all([node.beat(viewer, a.id, 1, 100_000), node.beat(viewer, b.id, 1, 200_000)]);
    expect(await positions(viewer)).toHaveLength(1);
    await node.beat(viewer, a.id, 2, 300_000);
    expect(await positions(viewer)).toEqual([300_000]);
    expect(await resumed(viewer, videoId).catch((error: unknown) => error)).toEqual(code("PLAYBACK_LIMIT_REACHED"));
  });

  it("at nine tenths means watched: that is told once, what comes next is offered, and it starts again", async () => {
    const viewer = new Viewer({ maxStreams: 4 });
    const { profileId } = viewer;
    const next = newId();
    const videoId = newFilm({ next });
    const { id } = await node.start(viewer, videoId);
    await node.beat(viewer, id, 1, 5_399_000);
    const continued = () => node.as(viewer, "playback.listContinued", { profileId });
    expect((await continued()).items).toMatchObject([{ videoId, positionMs: 5_399_000, watchedAt: null }]);
    await node.beat(viewer, id, 2, 5_400_000);
    await node.beat(viewer, id, 3, 5_500_000);
    expect((await continued()).items).toMatchObject([{ videoId: next, positionMs: 0 }]);
    expect((await node.history(viewer)).items).toMatchObject([{ videoId, watchedAt: expect.any(String) }]);
    expect(await resumed(viewer, videoId)).toBe(0);
    const watched = () =>
      node.events.filter(
        ({ type, data }) => type === "playback.watched" && (data as { videoId: string }).videoId === videoId,
      );
    await eventually(() => watched().length > 0);
    expect(watched()).toHaveLength(1);
  });

  it("is the profile's own: a stranger sees and removes nothing", async () => {
    const [viewer, stranger] = [new Viewer(), new Viewer()];
    const { profileId } = viewer;
    const videoId = newFilm();
    await node.beat(viewer, (await node.start(viewer, videoId)).id, 1, 100_000);
    expect(await node.as(stranger, "playback.listHistory", { profileId })).toEqual({ items: [], nextCursor: null });
    const remove = (person: Viewer) => node.as(person, "playback.removeHistory", { profileId, videoId });
    await expect(remove(stranger)).rejects.toEqual(code("NOT_FOUND"));
    await remove(viewer);
    expect(await positions(viewer)).toEqual([]);
  });

  it("is listed latest first, page by page, and all of them are part of the export", async () => {
    const viewer = new Viewer({ maxStreams: 10 });
    const { profileId } = viewer;
    const started: string[] = [];
    for (let film = 0; film < 5; film += 1) {
      started.push((await node.start(viewer, newFilm())).id);
      await node.beat(viewer, started[film]!, 1, 60_000 + film);
    }
    new Clock().advance(1000);
    await node.beat(viewer, started[0]!, 2, 70_000);
    const found: number[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const asked = { profileId, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
      const page = await node.as(viewer, "playback.listHistory", asked);
      found.push(...page.items.map(({ positionMs }) => positionMs));
      cursor = page.nextCursor;
    }
    expect(found).toEqual([70_000, 60_004, 60_003, 60_002, 60_001]);
    const own = await node.as(viewer, "playback.listOwnHistory", { limit: 3 });
    const rest = await node.as(viewer, "playback.listOwnHistory", { cursor: own.nextCursor! });
    expect([own.items.length, rest.items.length, rest.nextCursor]).toEqual([3, 2, null]);
  });
});

describe("lists and likes", () => {
  it("are kept once, changed and taken back", async () => {
    const viewer = new Viewer();
    const one = { profileId: viewer.profileId, videoId: newId() };
    const kept = await node.as(viewer, "playback.saveToWatchList", one);
    expect(await node.as(viewer, "playback.saveToWatchList", one)).toEqual(kept);
    const liked = await node.as(viewer, "playback.setLike", { ...one, likes: true });
    expect((await node.as(viewer, "playback.listLikes", { profileId: one.profileId })).items).toEqual([liked]);
    const disliked = await node.as(viewer, "playback.setLike", { ...one, likes: false });
    const { profileId } = viewer;
    expect((await node.as(viewer, "playback.listWatchList", { profileId })).items).toEqual([kept]);
    expect((await node.as(viewer, "playback.listLikes", { profileId })).items).toEqual([disliked]);
    expect(await node.as(viewer, "playback.listOwnLikes", {})).toEqual({ items: [disliked], nextCursor: null });
    await node.as(viewer, "playback.removeFromWatchList", one);
    await node.as(viewer, "playback.removeLike", one);
    await expect(node.as(viewer, "playback.removeLike", one)).rejects.toEqual(code("NOT_FOUND"));
    expect((await node.as(viewer, "playback.listOwnWatchLists", {})).items).toEqual([]);
  });
});

it("a list is full at its number, each of its own; what is there can still be changed", async () => {
  const { id, profileId } = new Viewer();
  const save = (kind: "kept" | "liked", videoId: string, value = 1) =>
    node.db.write((tx) => marks.save(tx, { ...marks.markOf(kind, id, { profileId, videoId }), value }, 1));
  const videoId = newId();
  await save("kept", videoId);
  await expect(save("kept", newId())).rejects.toEqual(code("PLAYBACK_LIST_FULL"));
  await save("liked", videoId);
  expect(await save("liked", videoId, 0)).toMatchObject({ kind: "liked", value: 0 });
});

describe("playback.receiveTelemetry", () => {
  const send = (token: string, body: string, type = "application/cmcd") =>
    node.broker.call("playback.receiveTelemetry", { token, headers: { "content-type": type }, body });
  const line = (sid: string, sn: number, rest: string) =>
    `bl=(23900),br=(900),cid="film",sid="${sid}",sn=${sn},${rest},v=2\n`;

  it("counts as a heartbeat, and each event once, in whatever order", async () => {
    const viewer = new Viewer();
    const { id, telemetryToken, leaseUntil } = await node.start(viewer, newFilm());
    await send(telemetryToken, line(id, 2, "e=ps,sta=r") + line(id, 1, "e=t,sta=p"));
    await send(telemetryToken, line(id, 2, "e=ps,sta=r") + line(id, 3, "e=e,sta=f"));
    const after = await node.as(viewer, "playback.getSession", { id });
    expect(Date.parse(after.leaseUntil)).toBeGreaterThanOrEqual(Date.parse(leaseUntil));
    await node.as(viewer, "playback.removeSession", { id });
    const ended = await eventually(() => node.eventsOf(id).find(({ type }) => type === "playback.ended"));
    expect(ended.data).toMatchObject({ stalls: 1, failures: 1 });
  });

  it("refuses what is of another session, of another type, or cannot be read", async () => {
    const viewer = new Viewer();
    const { id, telemetryToken, manifestUrl } = await node.start(viewer, newFilm());
    await expect(send(manifestUrl.split("/")[2]!, line(id, 1, "e=t"))).rejects.toEqual(code("PLAYBACK_SESSION_OVER"));
    await expect(send(telemetryToken, line(newId(), 1, "e=t"))).rejects.toEqual(code("VALIDATION_FAILED"));
    await expect(send(telemetryToken, "bl=(23900")).rejects.toEqual(code("VALIDATION_FAILED"));
    await expect(send(telemetryToken, line(id, 1, "e=t"), "text/plain")).rejects.toEqual(
      code("UNSUPPORTED_MEDIA_TYPE"),
    );
    await node.as(viewer, "playback.removeSession", { id });
    await expect(send(telemetryToken, line(id, 1, "e=t"))).rejects.toEqual(code("PLAYBACK_SESSION_OVER"));
  });
});
