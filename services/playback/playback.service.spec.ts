/**
 * Places, leases and ends of playback sessions.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import * as sessions from "./playback.repository.ts";
import { entitlements, films, newFilm, PlaybackNode, Viewer } from "../../test/support/systems/playback-service.ts";

let nodes: readonly [PlaybackNode, PlaybackNode, PlaybackNode];
let node: PlaybackNode;
beforeAll(async () => {
  nodes = [await PlaybackNode.open(), await PlaybackNode.open(), await PlaybackNode.open()];
  node = nodes[0];
});
afterAll(() => Promise.all(nodes.map((one) => one.close())));

/** What is told of a session: any node may have published it. */
const told = (id: string, type: string) =>
  eventually(() => nodes.flatMap((one) => one.eventsOf(id)).find((event) => event.type === type));
const code = (type: string) => expect.objectContaining({ type });
/** How a session ended, as other services learn it. */
const ending = async (id: string) => (await told(id, "playback.ended")).data as Record<string, unknown>;
const isOver = (viewer: Viewer, id: string) =>
  expect(node.beat(viewer, id, 1_000_000)).rejects.toEqual(code("NOT_FOUND"));

describe("playback.createSession", () => {
  it("takes a place, and answers where the film is and how to go on", async () => {
    const viewer = new Viewer();
    const videoId = newFilm();
    const started = await node.start(viewer, videoId, { device: "TV" });
    expect(started).toMatchObject({ videoId, profileId: viewer.profileId, title: "Rain", device: "TV", resumeMs: 0 });
    expect(started.manifestUrl).toMatch(new RegExp(`^/t/[\\w.~-]+/v/${videoId}/r1/main\\.m3u8$`));
    const { items } = await node.as(viewer, "playback.listSessions", {});
    expect(items).toEqual([await node.as(viewer, "playback.getSession", { id: started.id })]);
    await told(started.id, "playback.started");
  });

  it("gives no more places than the plan has, over three nodes, when 200 start at once", async () => {
    const viewer = new Viewer({ maxStreams: 2 });
    const videoId = newFilm();
    const starts = Array.from({ length: 200 }, (_, index) => nodes[index % 3]!.start(viewer, videoId));
    const ends = await Promise.allSettled(starts);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    const reasons = ends.flatMap((end) => (end.status === "rejected" ? [(end.reason as { type: string }).type] : []));
    expect(new Set(reasons)).toEqual(new Set(["PLAYBACK_LIMIT_REACHED"]));
    expect((await node.as(viewer, "playback.listSessions", {})).items).toHaveLength(2);
  });

  it("names what plays when there is no place, and takes the place of one of them", async () => {
    const viewer = new Viewer({ maxStreams: 1 });
    const videoId = newFilm();
    const { id } = await node.start(viewer, videoId, { device: "TV" });
    const refusal = (await node.start(viewer, videoId).catch((error: unknown) => error)) as { data: unknown };
    expect(refusal).toMatchObject({
      type: "PLAYBACK_LIMIT_REACHED",
      data: { most: 1, sessions: [{ id, title: "Rain", device: "TV" }] },
    });
    const second = await node.start(viewer, videoId, { replaces: id });
    await isOver(viewer, id);
    await node.beat(viewer, second.id, 1);
    expect(await ending(id)).toMatchObject({ reason: "replaced" });
  });

  it("ends what played on the same device before", async () => {
    const viewer = new Viewer({ maxStreams: 1 });
    const deviceId = newId();
    const first = await node.start(viewer, newFilm(), { deviceId });
    const second = await node.start(viewer, newFilm(), { deviceId });
    await isOver(viewer, first.id);
    await node.beat(viewer, second.id, 1);
  });

  it("frees the place of a player that is not heard of, also for whom it was full", async () => {
    const viewer = new Viewer({ maxStreams: 1 });
    const { id } = await node.start(viewer, newFilm());
    await node.lapse(id);
    await node.start(viewer, newFilm());
    await isOver(viewer, id);
    expect(await ending(id)).toMatchObject({ reason: "expired" });
  });

  it("starts once for one key", async () => {
    const viewer = new Viewer();
    const params = { profileId: viewer.profileId, videoId: newFilm() };
    const key = newId();
    const ask = () => node.as(viewer, "playback.createSession", params, { key });
    expect((await ask()).id).toBe((await ask()).id);
  });

  it("rejects who is not entitled, what is not there or not here, and what is not suitable", async () => {
    const start = (viewer: Viewer, videoId: string) => node.start(viewer, videoId);
    const stranger = new Viewer();
    entitlements.delete(stranger.id);
    await expect(start(stranger, newFilm())).rejects.toEqual(code("ACCOUNT_NOT_ENTITLED"));
    await expect(start(new Viewer(), newId())).rejects.toEqual(code("NOT_FOUND"));
    await expect(start(new Viewer(), newFilm({ regions: ["JP"] }))).rejects.toEqual(code("CONTENT_NOT_AVAILABLE"));
    await expect(start(new Viewer({ maxRating: 11 }), newFilm())).rejects.toEqual(code("PLAYBACK_NOT_SUITABLE"));
    await start(new Viewer({ maxRating: 12 }), newFilm());
  });

  it("gives the playlist of what the plan allows", async () => {
    const videoId = newFilm();
    const small = await node.start(new Viewer({ maxHeight: 720 }), videoId);
    expect(small.manifestUrl).toMatch(/main-480\.m3u8$/);
    const smallest = await node.start(new Viewer({ maxHeight: 144 }), videoId);
    expect(smallest.manifestUrl).toMatch(/main-240\.m3u8$/);
  });
});

describe("playback.removeSession", () => {
  it("stops a session on another device of the same person, and nobody else's", async () => {
    const viewer = new Viewer();
    const { id } = await node.start(viewer, newFilm());
    await expect(node.as(new Viewer(), "playback.removeSession", { id })).rejects.toEqual(code("NOT_FOUND"));
    await node.beat(viewer, id, 1);
    await expect(node.beat(new Viewer(), id, 1)).rejects.toEqual(code("NOT_FOUND"));
    await nodes[1].as(viewer, "playback.removeSession", { id });
    await isOver(viewer, id);
    expect(await node.asService("playback.lookup", { ids: [id] })).toEqual({ ended: [id] });
    expect(await ending(id)).toMatchObject({ reason: "stopped" });
  });
});

describe("a heartbeat", () => {
  it("renews its own session, and no other of the same person", async () => {
    const viewer = new Viewer();
    const [first, second] = [await node.start(viewer, newFilm()), await node.start(viewer, newFilm())];
    const FAR = 9_000_000_000_000;
    const leases = () =>
      node.db.query.selectFrom("playback_sessions").select("id").where("lease_until", "=", FAR).execute();
    await node.db.write(({ query }) =>
      query.updateTable("playback_sessions").set({ lease_until: FAR }).where("user_id", "=", viewer.id).execute(),
    );
    await node.beat(viewer, first.id, 1);
    expect(await leases()).toEqual([{ id: second.id }]);
  });
});

describe("a session ends", () => {
  /** Somebody else goes on with another film, whatever it was. */
  let goesOn: () => Promise<unknown>;
  beforeEach(async () => {
    const bystander = new Viewer();
    const { id } = await node.start(bystander, newFilm());
    goesOn = () => node.beat(bystander, id, 1);
  });
  afterEach(() => goesOn());

  it("when nothing is heard of it, whatever its person does", async () => {
    const viewer = new Viewer();
    const { id } = await node.start(viewer, newFilm());
    await node.lapse(id);
    // Any node may find it.
    nodes.forEach((one) => one.broker.localBus.emit("$node.disconnected"));
    expect(await ending(id)).toMatchObject({ reason: "expired" });
  });

  it("when its person is not entitled any more, and goes on for who is", async () => {
    const [leaver, other] = [new Viewer(), new Viewer()];
    const { id } = await node.start(leaver, newFilm());
    const { id: otherId } = await node.start(other, newFilm());
    entitlements.delete(leaver.id);
    await node.publish("account.entitlement_changed", { userId: leaver.id, entitled: false });
    await node.publish("account.entitlement_changed", { userId: other.id, entitled: true });
    expect(await ending(id)).toMatchObject({ reason: "not_entitled", userId: leaver.id });
    await node.beat(other, otherId, 1);
  });

  it("when a plan allows fewer places or lines", async () => {
    const viewer = new Viewer();
    const [, second] = [await node.start(viewer, newFilm()), await node.start(viewer, newFilm())];
    entitlements.set(viewer.id, { ...entitlements.get(viewer.id)!, maxStreams: 1 });
    await node.publish("account.entitlement_changed", { userId: viewer.id, entitled: true });
    expect(await ending(second.id)).toMatchObject({ reason: "not_entitled" });
    expect((await node.as(viewer, "playback.listSessions", {})).items).toHaveLength(1);
  });

  it("when a rental is over, without a word of anybody", async () => {
    const viewer = new Viewer({ source: "rental", plan: null, until: timestamp(Date.now() + 600) });
    const { id } = await node.start(viewer, newFilm());
    entitlements.delete(viewer.id);
    expect(await ending(id)).toMatchObject({ reason: "not_entitled" });
  });

  it("when the time of its film is over, without a word of anybody", async () => {
    const viewer = new Viewer();
    const videoId = newFilm({ until: timestamp(Date.now() + 600) });
    const { id } = await node.start(viewer, videoId);
    films.delete(videoId);
    expect(await ending(id)).toMatchObject({ reason: "not_available", videoId });
  });

  it("not when its player was heard of in the moment in which its lease ended", async () => {
    const viewer = new Viewer();
    const { id } = await node.start(viewer, newFilm());
    // Somebody has seen that the lease had ended, and the player has renewed it since.
    expect(await node.db.write((tx) => sessions.remove.lapsed(tx, id))).toEqual([]);
    await node.beat(viewer, id, 1);
  });

  it("when its film is taken down", async () => {
    const viewer = new Viewer();
    const videoId = newFilm();
    const { id } = await node.start(viewer, videoId);
    films.delete(videoId);
    await node.publish("content.removed", { videoId });
    expect(await ending(id)).toMatchObject({ reason: "not_available", videoId });
  });

  it("when its profile or its account goes, with all that is known of them", async () => {
    const viewer = new Viewer();
    const { profileId } = viewer;
    const { id } = await node.start(viewer, newFilm());
    await node.beat(viewer, id, 1, 60_000);
    const sibling = await node.start(viewer, newFilm(), { profileId: newId() });
    await node.as(viewer, "playback.saveToWatchList", { profileId, videoId: newId() });
    await node.publish("account.profile_removed", { userId: viewer.id, profileId });
    expect(await ending(id)).toMatchObject({ reason: "erased", positionMs: 60_000 });
    await node.beat(viewer, sibling.id, 1);
    const again = await node.start(viewer, newFilm());
    await node.beat(viewer, again.id, 1, 60_000);
    await node.as(viewer, "playback.setLike", { profileId, videoId: newId(), likes: true });
    await node.publish("user.deleted", { userId: viewer.id });
    expect(await ending(again.id)).toMatchObject({ reason: "erased" });
    for (const table of ["playback_sessions", "watched_videos", "marks"] as const)
      expect(await node.db.query.selectFrom(table).selectAll().where("user_id", "=", viewer.id).execute()).toEqual([]);
  });
});
