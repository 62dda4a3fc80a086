/**
 * The disk is full while a film is encoded.
 * @databases sqlite: it is the disk of the films that is full, whatever the database is
 */
import { existsSync } from "node:fs";
import { EncodingService } from "../../../test/support/systems/encoding-service.ts";
import { film } from "../../../test/support/systems/footage.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { SmallDisk } from "../../../test/support/systems/small-disk.ts";

const disk = SmallDisk.make(16);

(disk ? it : it.skip)("tells the reason, publishes nothing, and goes on by itself when there is room", async () => {
  const service = await EncodingService.start({ STORAGE_URL: `file://${disk!.path}` });
  const source = film({ seconds: 8 });
  const { sourceId } = await service.source(source);
  const titles = { en: { title: "The Yard" } };
  const { id } = await service.call("content.create", { kind: "film", titles, rating: 0 });
  disk!.fill();
  await service.call("content.createEncoding", { id, sourceId, publish: true });
  const look = () => service.call("content.getEncoding", { id });
  await eventually(async () => (await look()).waitsFor !== null);
  expect(await look()).toMatchObject({ state: "encoding", waitsFor: "DISK_FULL", failure: null, endedAt: null });
  expect(await service.call("content.getDetails", { id })).toMatchObject({ state: "processing", heights: [] });
  expect(existsSync(`${await service.folder(id)}/main.m3u8`)).toBe(false);
  disk!.makeRoom();
  expect(await service.ended(id)).toMatchObject({ state: "done", waitsFor: null });
  expect(await service.call("content.getDetails", { id })).toMatchObject({ state: "published", heights: [240, 360] });
  await service.stop();
  disk!.dispose();
});
