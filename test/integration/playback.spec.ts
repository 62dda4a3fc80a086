/**
 * A film with the real account, content and edge services: what a viewer has no right to any more, they do not get.
 * @databases sqlite postgres
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Clock } from "../support/fixtures/clock.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";

let services: AllServices;
beforeAll(async () => {
  services = await AllServices.open();
});
afterAll(() => services.close());
afterEach(() => jest.restoreAllMocks());

interface Playing {
  readonly id: string;
  readonly videoId: string;
  /** What the edge answers for a segment. */
  readonly segment: () => Promise<number>;
}

async function play(person: Person): Promise<Playing> {
  const what = await services.watching(person);
  const folder = join(process.env.DATA_DIR!, "storage/v", what.videoId, "r1/240p");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "seg-000001.m4s"), "a segment");
  const { id, manifestUrl } = await person.call("playback.createSession", what);
  const url = new URL("240p/seg-000001.m4s", new URL(manifestUrl, services.url));
  const segment = async () => (await fetch(url)).status;
  expect(await segment()).toBe(200);
  return { id, videoId: what.videoId, segment };
}

/** It is in no list, a heartbeat is refused, and its address is good for nothing. */
async function isOver(person: Person, { id, segment }: Playing): Promise<void> {
  await eventually(async () => (await person.call("playback.listSessions", {})).items.every((one) => one.id !== id));
  await expect(person.call("playback.refreshSession", { id, sequence: 1 })).rejects.toMatchObject({
    type: "NOT_FOUND",
  });
  // An edge asks again for what it has known for four seconds.
  new Clock().advance(5000);
  await eventually(async () => (await segment()) === 403);
}

describe("a film under way", () => {
  it("ends when the subscription is cancelled at once", async () => {
    const [person, other] = [await services.person(), await services.person()];
    const [playing, others] = [await play(person), await play(other)];
    await person.call("account.cancel", {});
    await isOver(person, playing);
    expect(await others.segment()).toBe(200);
    const what = { profileId: (await person.call("account.listProfiles", {})).items[0]!.id, videoId: playing.videoId };
    await expect(person.call("playback.createSession", what)).rejects.toMatchObject({ type: "ACCOUNT_NOT_ENTITLED" });
  });

  it("ends when its film is taken down", async () => {
    const person = await services.person();
    const playing = await play(person);
    const staff = await services.person("staff");
    await staff.call("content.withdraw", { id: playing.videoId });
    await isOver(person, playing);
  });

  it("ends on the first device when a second one takes its place over", async () => {
    const person = await services.person();
    const playing = await play(person);
    const { items } = await person.call("account.listProfiles", {});
    const what = { profileId: items[0]!.id, videoId: playing.videoId, replaces: playing.id };
    const { id } = await person.call("playback.createSession", what);
    await isOver(person, playing);
    await person.call("playback.refreshSession", { id, sequence: 1 });
  });
});
