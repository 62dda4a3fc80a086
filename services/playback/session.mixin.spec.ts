/**
 * Leases end by one clock, that of the database, whatever time a node has.
 * @databases postgres: an embedded database has one process, and no clock of its own
 */
import { newDatabase } from "../../test/support/systems/database-clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { newFilm, PlaybackNode, Viewer } from "../../test/support/systems/playback-service.ts";

const HOUR = 3_600_000;

it.each([
  ["ahead of", HOUR],
  ["behind", -HOUR],
])("a session whose lease is over ends on a node whose clock is %s that of the database by an hour", async (_, by) => {
  const advance = await newDatabase("playback", Date.now() - by);
  const node = await PlaybackNode.open();
  const viewer = new Viewer();
  const { id } = await node.start(viewer, newFilm());
  const ended = () => node.eventsOf(id).find(({ type }) => type === "playback.ended");
  await advance(44_000);
  // A queue that went by the node's clock would find it at once, and again and again.
  node.broker.localBus.emit("$node.disconnected");
  await node.beat(viewer, id, 1);
  await advance(44_000);
  expect(await node.as(viewer, "playback.getSession", { id })).toMatchObject({ id });
  expect(ended()).toBeUndefined();
  await advance(2000);
  node.broker.localBus.emit("$node.disconnected");
  expect((await eventually(ended)).data).toMatchObject({ reason: "expired" });
  await node.close();
});
