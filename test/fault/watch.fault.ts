/** A film in a real browser while edges die, the line becomes slow, and another device takes the place. */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { newId } from "#core/id.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { type Viewer, ViewerPage } from "../support/actors/viewer-page.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { makeFilm } from "../support/fixtures/film.ts";
import { MachineSpeed } from "../support/invariants/machine-speed.ts";
import type { AllServices } from "../support/systems/all-services.ts";
import { openBrowser } from "../support/systems/browser.ts";
import { NodeProcess } from "../support/systems/nodes.ts";

/** Seconds. */
const LENGTH = 60;
/** Seconds of the film that a player holds: few, so that a fault is felt at once. */
const BUFFER = 8;
/** Milliseconds. */
const TAKEN_OVER = 20_000;
const password = "correct horse battery";

let nats: Nats;
let services: AllServices;
let browser: Browser;
let videoId: string;
const ports = new Map<string, number>();
const edges = new Map<string, NodeProcess>();

async function startEdge(name: string): Promise<void> {
  const env = { EDGE_PORT: `${ports.get(name)!}` };
  edges.set(name, await NodeProcess.start({ id: name, services: ["services/edge/edge.service.ts"], env }));
}

beforeAll(async () => {
  nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
  for (const name of ["edge-1", "edge-2"]) ports.set(name, await freePort());
  const origins = [...ports.values()].map((port) => `http://127.0.0.1:${port}`).join(",");
  Object.assign(process.env, { TRANSPORTER: nats.url, BUS: "local", WATCH_ORIGINS: origins });
  const { AllServices: All } = await import("../support/systems/all-services.ts");
  services = await All.open();
  videoId = await services.film();
  await makeFilm(join(process.env.DATA_DIR!, "storage", "v", videoId, "r1"), LENGTH);
  await Promise.all([...ports.keys()].map(startEdge));
  browser = await openBrowser();
}, 300_000);
afterAll(async () => {
  await browser.close();
  await Promise.all([...edges.values()].map((edge) => edge.end("SIGKILL")));
  await services.close();
  await nats.stop();
});

/** Somebody with a plan that lets one device play. */
async function newViewer(): Promise<Viewer> {
  const account = { email: `${newId()}@example.test`, password };
  const seed = { ...account, name: "Mina", language: "en" as const, roles: ["customer" as const] };
  const { id } = await services.asService().call("user.seed", seed);
  const person = await services.person("customer", id);
  const planId = await services.plan(11_900, { maxStreams: 1 });
  await person.call("account.subscribe", { planId, paymentMethod: "tok_success" });
  await person.call("account.addProfile", { name: "Viewer" });
  return account;
}

async function watch(viewer: Viewer, buffer?: number): Promise<ViewerPage> {
  const viewing = await ViewerPage.open(browser);
  await viewing.choose(services.url, viewer);
  await viewing.plays(buffer);
  return viewing;
}

describe("a film in a browser", () => {
  it("plays to its end without a stall when an edge is killed, and with a pause when the other one follows", async () => {
    const viewing = await watch(await newViewer(), BUFFER);
    await viewing.reaches(5);
    await edges.get("edge-1")!.end("SIGKILL");
    await viewing.reaches(20);
    await startEdge("edge-1");
    expect(await viewing.stalls()).toBe(0);
    // The player has had enough of the first one for minutes: a new session sends it there.
    await edges.get("edge-2")!.end("SIGKILL");
    await viewing.reaches(40);
    await startEdge("edge-2");
    await viewing.isOver();
    await viewing.close();
  }, 600_000);

  it("goes on without a stall when an edge stands still, and with a pause when the other one follows", async () => {
    const viewing = await watch(await newViewer());
    await viewing.reaches(2);
    const [first, second] = [edges.get("edge-1")!, edges.get("edge-2")!];
    first.signal("SIGSTOP");
    await viewing.reaches(35);
    expect(await viewing.stalls()).toBe(0);
    first.signal("SIGCONT");
    second.signal("SIGSTOP");
    await viewing.isOver();
    second.signal("SIGCONT");
    await viewing.close();
  }, 600_000);

  it("goes down to the small picture when the line becomes slow, without a stall", async () => {
    const viewing = await watch(await newViewer(), 12);
    // So that it begins with the large picture on a busy machine, too.
    await viewing.believes(20_000_000);
    await eventually(async () => (await viewing.heights()).includes(360));
    await viewing.throttle(500_000);
    const before = (await viewing.heights()).length;
    await eventually(async () => (await viewing.heights()).slice(before).includes(240));
    expect(await viewing.stalls()).toBe(0);
    await viewing.close();
  }, 300_000);

  it("ends within 20 s when its place is taken over, with the heartbeats that players have by default", async () => {
    const viewer = await newViewer();
    const first = await watch(viewer);
    const second = await ViewerPage.open(browser);
    await second.choose(services.url, viewer);
    const machineSpeed = await MachineSpeed.start();
    await second.page.getByRole("button", { name: "Stop it and watch here" }).click();
    await second.plays();
    const began = performance.now();
    await first.page.getByRole("alert").getByText("This playback was stopped").waitFor();
    expect(performance.now() - began).toBeLessThan(machineSpeed.allow(TAKEN_OVER));
    await machineSpeed.end();
    await Promise.all([first.close(), second.close()]);
  }, 300_000);
});
