/**
 * Measures the playback service over the database that the environment names, and tells its parent. It is a process of its
 * own, because settings are read once, and because its processor time is what a figure costs.
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { isError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { AllServices } from "../../test/support/systems/all-services.ts";
import { newFilm, PlaybackNode, Viewer } from "../../test/support/systems/playback-service.ts";
import { type Pace, paced, percentiles } from "./pace.ts";
import { fillHistory, profileOf, userOf } from "./watched-rows.ts";

/** Starts: 500 a second, after some that only warm up. */
const STARTS: Pace = { perSecond: 500, seconds: 10 };
const VIEWERS = 100;
const DEVICES = 4;
/** Heartbeats: so many wait for an answer at the same time, of so many sessions. */
const AT_ONCE = 500;
const SESSIONS = 2000;
const SECONDS = 8;
/** History. */
const FEW = 10_000;
const MANY = 1_000_000;
const READINGS = 4000;

/** Calls as somebody who has signed in once. */
async function callerAs(node: PlaybackNode, id: string) {
  const accessToken = await signAccessToken({ id, roles: ["customer"], session: newId() });
  return <N extends ActionName>(name: N, params: Input<N>): Promise<Output<N>> =>
    node.broker.call(name, params, { meta: { accessToken } });
}

/** All services are in the process, as with `npm start`; each device plays one film after another. */
async function starts() {
  const services = await AllServices.open();
  const planId = await services.plan(11_900, { maxStreams: DEVICES });
  const videoId = await services.film();
  const enter = async () => {
    const person = await services.person();
    await person.call("account.subscribe", { planId, paymentMethod: "tok_success" });
    const { id: profileId } = await person.call("account.addProfile", { name: "Viewer" });
    return { person, profileId, devices: Array.from({ length: DEVICES }, newId) };
  };
  const viewers: Awaited<ReturnType<typeof enter>>[] = [];
  while (viewers.length < VIEWERS) viewers.push(...(await Promise.all(Array.from({ length: 10 }, enter))));
  const start = (number: number) => {
    const { person, profileId, devices } = viewers[number % VIEWERS]!;
    const deviceId = devices[Math.floor(number / VIEWERS) % DEVICES]!;
    // On a busy machine the device may have begun its next film by the time this one is read back.
    return person.call("playback.createSession", { profileId, videoId, deviceId }).catch((error: unknown) => {
      if (!isError(error, "PLAYBACK_SESSION_OVER")) throw error;
    });
  };
  await paced({ ...STARTS, seconds: 4 }, start);
  const measured = await paced(STARTS, start);
  await services.close();
  return measured;
}

/** What a durable row costs here without any of it. */
async function bareRow() {
  const database = new DatabaseSync(join(process.env.DATA_DIR!, "bare.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; create table rows (id integer, text text)");
  const insert = database.prepare("insert into rows values (?, ?)");
  const measured = await paced({ ...STARTS, seconds: 4 }, (number) => void insert.run(number, "x".repeat(500)));
  database.close();
  return measured;
}

async function heartbeats() {
  const node = await PlaybackNode.open();
  const viewers = Array.from({ length: SESSIONS / 10 }, () => new Viewer({ maxStreams: 10 }));
  const videoId = newFilm();
  const playing: { readonly call: Awaited<ReturnType<typeof callerAs>>; readonly id: string; sequence: number }[] = [];
  for (const viewer of viewers) {
    const call = await callerAs(node, viewer.id);
    for (const { id } of await Promise.all(Array.from({ length: 10 }, () => node.start(viewer, videoId))))
      playing.push({ call, id, sequence: 0 });
  }
  let [next, beats, isCounted] = [0, 0, false];
  const end = { at: Infinity };
  const lane = async () => {
    while (performance.now() < end.at) {
      const one = playing[next++ % SESSIONS]!;
      one.sequence += 1;
      const report = { sequence: one.sequence, positionMs: one.sequence * 15_000 };
      await one.call("playback.refreshSession", { id: one.id, ...report });
      if (isCounted) beats += 1;
    }
  };
  const lanes = Array.from({ length: AT_ONCE }, lane);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  isCounted = true;
  const [began, before] = [performance.now(), process.cpuUsage()];
  end.at = began + SECONDS * 1000;
  await Promise.all(lanes);
  const { user, system } = process.cpuUsage(before);
  const perSecond = (beats * 1000) / (performance.now() - began);
  await node.close();
  return { perSecond, cost: (user + system) / beats };
}

/** Continue-watching with few rows stored, and with many. */
async function continued() {
  const node = await PlaybackNode.open();
  const read = async (profiles: number) => {
    const times: number[] = [];
    const callers = [];
    for (let profile = 0; profile < profiles; profile += 1) callers.push(await callerAs(node, userOf(profile)));
    const before = process.cpuUsage();
    for (let reading = 0; reading < READINGS; reading += 1) {
      // A step that is a prime comes to all profiles, and to none in order.
      const profile = (reading * 7919) % profiles;
      const began = performance.now();
      const profileId = profileOf(profile * 200);
      const { items } = await callers[profile]!("playback.listContinued", { profileId, limit: 20 });
      times.push(performance.now() - began);
      if (items.length !== 20) throw new Error(`Profile ${profile} has ${items.length} films to go on with.`);
    }
    const { user, system } = process.cpuUsage(before);
    return { ...percentiles(times.slice(READINGS / 10)), cost: (user + system) / READINGS };
  };
  await fillHistory(node.db, FEW);
  const few = await read(FEW / 200);
  await node.db.write(({ query }) => query.deleteFrom("watched_videos").execute());
  const began = performance.now();
  await fillHistory(node.db, MANY);
  const filled = (performance.now() - began) / 1000;
  const many = await read(MANY / 200);
  await node.close();
  return { few, many, filled };
}

const measures = { starts, bareRow, heartbeats, continued };
export type Measures = typeof measures;

const name = process.argv[2] as keyof Measures;
process.send!(await measures[name]());
process.disconnect();
process.exit();
