/** A viewer in a browser: signs in, chooses a film, and watches it, also when an edge fails. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { newId } from "#core/id.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { type Viewer, ViewerPage } from "../support/actors/viewer-page.ts";
import { makeFilm } from "../support/fixtures/film.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { complaintsOf, openBrowser } from "../support/systems/browser.ts";

/** Seconds. */
const LENGTH = 24;
const password = "correct horse battery";

let services: AllServices;
let browser: Browser | undefined;
let viewer: Person & Viewer;
let videoId: string;
/** Stands before the edge that is chosen first, and fails when the spec says so; another edge does not. */
let failing: Server;
let isFailing: () => boolean;
let announcing: NodeJS.Timeout;

beforeAll(async () => {
  const [edgePort, failingPort] = [await freePort(), await freePort()];
  const edges = [edgePort, failingPort].map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const settings = { PLAYBACK_HEARTBEAT: "2000", EDGE_PORT: `${edgePort}`, EDGE_URL: edges[1], EDGE_WEIGHT: "1000" };
  services = await AllServices.open({ ...settings, WATCH_ORIGINS: edges.join(",") });
  viewer = await newViewer();
  videoId = await services.film();
  await makeFilm(join(process.env.DATA_DIR!, "storage", "v", videoId, "r1"), LENGTH);
  const pass = async (path: string, res: ServerResponse) => {
    const answer = await fetch(`${edges[0]}${path}`);
    const headers = [...answer.headers].filter(([name]) => name !== "content-encoding");
    res.writeHead(answer.status, Object.fromEntries(headers)).end(Buffer.from(await answer.arrayBuffer()));
  };
  failing = createServer((req, res) => {
    if (isFailing()) res.writeHead(503, { "access-control-allow-origin": "*" }).end();
    else void pass(req.url!, res);
  }).listen(failingPort, "127.0.0.1");
  const about = { id: "other", url: edges[0], region: null, weight: 1, requests: 0, failures: 0, leaving: false };
  const announce = () => services.asService().call("playback.saveEdge", about);
  await announce();
  announcing = setInterval(() => void announce(), 1000);
  browser = await openBrowser();
});
afterAll(async () => {
  clearInterval(announcing);
  await browser?.close();
  failing.close();
  await services.close();
});

/** Somebody with an account and a plan that lets one device play. */
async function newViewer(): Promise<Person & Viewer> {
  const account = { email: `${newId()}@example.test`, password };
  const { id } = await services
    .asService()
    .call("user.seed", { ...account, name: "Mina", language: "en", roles: ["customer"] });
  const person = await services.person("customer", id);
  const planId = await services.plan(11_900, { maxStreams: 1 });
  await person.call("account.subscribe", { planId, paymentMethod: "tok_success" });
  await person.call("account.addProfile", { name: "Viewer" });
  return Object.assign(person, account);
}

describe("a film in a browser", () => {
  it("plays to its end, and sound, subtitles, quality and place can be chosen meanwhile", async () => {
    isFailing = () => false;
    const viewing = await ViewerPage.open(browser!);
    const { page } = viewing;
    const complaints = complaintsOf(page);
    await viewing.choose(services.url, viewer);
    await viewing.plays();
    await page.getByLabel("Sound").selectOption({ label: "한국어" });
    await page.getByLabel("Subtitles").selectOption({ label: "English" });
    await page.getByLabel("Quality").selectOption({ label: "240p" });
    await viewing.hears("ko", "Line");
    await page.locator("main").focus();
    const before = await viewing.place();
    await page.keyboard.press("ArrowRight");
    await viewing.reaches(before + 8);
    await viewing.isOver();
    await page.getByRole("button", { name: "← Rain" }).click();
    await page.getByRole("heading", { name: "Films" }).waitFor();
    expect((await viewer.call("playback.listSessions", {})).items).toEqual([]);
    const { items: profiles } = await viewer.call("account.listProfiles", {});
    const history = await viewer.call("playback.listHistory", { profileId: profiles[0]!.id });
    expect(history.items).toMatchObject([{ videoId, positionMs: expect.any(Number), watchedAt: null }]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("plays from its start to its end without a stall, also when its edge answers 503 from the middle on", async () => {
    let asked = 0;
    let refused = 0;
    // The playlists and the first segments come from it.
    isFailing = () => {
      asked += 1;
      if (asked > 12) refused += 1;
      return asked > 12;
    };
    const viewing = await ViewerPage.open(browser!);
    await viewing.choose(services.url, viewer);
    await viewing.plays();
    await viewing.isOver();
    expect(await viewing.stalls()).toBe(0);
    expect(refused).toBeGreaterThan(0);
    await viewing.close();
  });

  it("names the device that plays when there is no place, and ends there when its place is taken over", async () => {
    isFailing = () => false;
    const person = await newViewer();
    const [first, second] = [await ViewerPage.open(browser!), await ViewerPage.open(browser!)];
    await first.choose(services.url, person);
    await first.plays();
    await first.reaches(2);
    await second.choose(services.url, person);
    await second.page.getByRole("alert").getByText("Too many devices play at once").waitFor();
    await second.page.getByRole("button", { name: "Stop it and watch here" }).click();
    await second.plays();
    await first.page.getByRole("alert").getByText("This playback was stopped").waitFor();
    expect((await person.call("playback.listSessions", {})).items).toHaveLength(1);
    await Promise.all([first.close(), second.close()]);
  });

  it("ends when the last period of a cancelled subscription does, says so, and offers the plans", async () => {
    isFailing = () => false;
    const person = await newViewer();
    await person.call("account.editSubscription", { cancelAtPeriodEnd: true });
    const viewing = await ViewerPage.open(browser!);
    await viewing.choose(services.url, person);
    await viewing.plays();
    await viewing.reaches(1);
    const staff = await services.person("staff");
    const { periodEnd } = await person.call("account.getSubscription", {});
    const before = new Date(Date.parse(periodEnd) - 1000).toISOString();
    await staff.call("account.advance", { userId: person.id, to: before });
    await eventually(async () => (await staff.call("account.getTestClock", { userId: person.id })).status === "ready");
    await viewing.reaches(4);
    await staff.call("account.advance", { userId: person.id, to: periodEnd });
    await viewing.page.getByRole("alert").getByText("or what it needs has ended").waitFor();
    // Not even what its player had loaded.
    expect(await viewing.page.locator("video").count()).toBe(0);
    expect((await person.call("playback.listSessions", {})).items).toEqual([]);
    await viewing.page.getByRole("button", { name: "Go on watching" }).click();
    await viewing.page.getByText("A subscription is needed to watch.").waitFor();
    await viewing.close();
  });
});
