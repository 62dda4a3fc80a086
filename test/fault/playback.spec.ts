/**
 * Nodes of playback, edges and Redis are killed: places, positions and routing stay right.
 * @databases postgres: an embedded database has one process, and no clock of its own
 */
import { newId } from "#core/id.ts";
import { PlaybackCluster } from "../support/faults/playback-cluster.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { MachineSpeed } from "../support/invariants/machine-speed.ts";

const STARTS = 200;
/** Milliseconds in which a player whose place was taken gets nothing more. */
const TAKEN_OVER = 20_000;

// Within, so that it is closed before its folder is removed.
describe("playback over processes", () => {
  let cluster: PlaybackCluster;
  beforeAll(async () => {
    cluster = await PlaybackCluster.open();
  });
  afterAll(() => cluster.close());

  it("grants 2 of 200 starts that race over three nodes, while Redis restarts and a node is killed", async () => {
    const viewer = cluster.viewer(2);
    const videoId = cluster.film();
    const starts = Array.from({ length: STARTS }, () =>
      cluster.ask(viewer, "playback.createSession", { profileId: viewer.profileId, videoId }),
    );
    await Promise.race(starts);
    cluster.redis.kill("SIGKILL");
    await Promise.all([cluster.kill("playback-1"), cluster.redis.restart()]);
    const ends = await Promise.all(starts);
    const granted = ends.flatMap((end) => (typeof end === "string" ? [] : [end.id]));
    expect(granted).toHaveLength(2);
    expect(ends.filter((end) => end === "PLAYBACK_LIMIT_REACHED")).toHaveLength(STARTS - 2);
    const playing = await cluster.ask(viewer, "playback.listSessions", {});
    expect(playing).toMatchObject({
      items: granted
        .toSorted()
        .toReversed()
        .map((id) => ({ id })),
    });
    await cluster.start("playback-1");
  });

  it("goes on where the last report was, whichever node dies, on each device of the profile", async () => {
    const viewer = cluster.viewer(4);
    const { profileId } = viewer;
    const videoId = cluster.film();
    const [deviceId, otherId] = [newId(), newId()];
    let reached = 0;
    for (const node of ["playback-1", "playback-2", "playback-3"]) {
      const { id, resumeMs } = await cluster.begin(viewer, videoId, { deviceId });
      expect(resumeMs).toBe(reached);
      // Players tell this before they have sought.
      await cluster.ask(viewer, "playback.refreshSession", { id, sequence: 1, positionMs: 0 });
      reached += 60_000;
      await cluster.ask(viewer, "playback.refreshSession", { id, sequence: 2, positionMs: reached });
      const lost = cluster.ask(viewer, "playback.refreshSession", { id, sequence: 3, positionMs: reached + 15_000 });
      await cluster.kill(node);
      await lost;
      reached += 15_000;
      expect((await cluster.begin(viewer, videoId, { deviceId: otherId })).resumeMs).toBe(reached);
      expect(await cluster.ask(viewer, "playback.listContinued", { profileId })).toMatchObject({
        items: [{ videoId, positionMs: reached }],
      });
      await cluster.start(node);
    }
  });

  it("sends players to the other edge when one is killed, and to both when it is back", async () => {
    const viewer = cluster.viewer(10);
    const videoId = cluster.film();
    const started = await cluster.begin(viewer, videoId);
    const own = cluster.edgeOf(started.manifestUrl);
    const other = own === "edge-1" ? "edge-2" : "edge-1";
    expect(await cluster.segment(started)).toBe(200);
    await eventually(async () => (await cluster.steered(started, other)).length === 2);
    await cluster.kill(own);
    // The player's address is good there at once, and soon nobody is sent to the one that is gone.
    expect(await cluster.segment(started, other)).toBe(200);
    await eventually(async () => (await cluster.steered(started, other)).join() === other);
    const next = await cluster.begin(viewer, cluster.film());
    expect(cluster.edgeOf(next.manifestUrl)).toBe(other);
    await cluster.start(own);
    await eventually(async () => (await cluster.steered(started, other)).includes(own));
    expect(await cluster.segment(started)).toBe(200);
  });

  it("gives a player nothing more within 20 s of the loss of its place, on both edges", async () => {
    const viewer = cluster.viewer(1);
    const videoId = cluster.film();
    const first = await cluster.begin(viewer, videoId);
    const edges = ["edge-1", "edge-2"];
    const statuses = () => Promise.all(edges.map((edge) => cluster.segment(first, edge)));
    expect(await statuses()).toEqual([200, 200]);
    const machineSpeed = await MachineSpeed.start();
    const second = await cluster.begin(viewer, videoId, { replaces: first.id });
    const began = performance.now();
    await eventually(async () => (await statuses()).join() === "403,403");
    expect(performance.now() - began).toBeLessThan(machineSpeed.allow(TAKEN_OVER));
    await machineSpeed.end();
    expect(await cluster.ask(viewer, "playback.refreshSession", { id: first.id, sequence: 1 })).toBe("NOT_FOUND");
    expect(await cluster.segment(second)).toBe(200);
  });
});
