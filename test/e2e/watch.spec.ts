/** A viewer in a browser: signs in, chooses a film, and watches it, also when an edge fails. */
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { newId } from "#core/id.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { makeFilm } from "../support/fixtures/film.ts";
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { complaintsOf, openBrowser } from "../support/systems/browser.ts";

/** Seconds. */
const LENGTH = 24;
const password = "correct horse battery";

/** The page, as far as the spec reads it. */
interface Dom {
  readonly document: { querySelector(selector: "video"): Video | null };
  readonly player: {
    readonly hls: { readonly audioTrack: number; readonly audioTracks: readonly { readonly lang: string }[] };
    readonly video: Video;
  };
  counts: { stalls: number };
}
interface Video {
  readonly currentTime: number;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly textTracks: Iterable<{ readonly activeCues: Iterable<{ readonly text: string }> | null }>;
  addEventListener(event: string, act: () => void): void;
}

let services: AllServices;
let browser: Browser | undefined;
let viewer: Person & { readonly email: string };
let videoId: string;
/** Stands before the edge that is chosen first, and fails when the spec says so; another edge does not. */
let failing: Server;
let isFailing: () => boolean;
let announcing: NodeJS.Timeout;

beforeAll(async () => {
  const [edgePort, failingPort] = [await freePort(), await freePort()];
  const edges = [edgePort, failingPort].map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const settings = { EDGE_PORT: `${edgePort}`, EDGE_URL: edges[1], EDGE_WEIGHT: "1000" };
  services = await AllServices.open({ ...settings, WATCH_ORIGINS: edges.join(",") });
  const email = `${newId()}@example.test`;
  const { id } = await services
    .asService()
    .call("user.seed", { email, password, name: "Mina", language: "en", roles: ["customer"] });
  viewer = Object.assign(await services.person("customer", id), { email });
  ({ videoId } = await services.watching(viewer));
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

/** Signs in, chooses the profile and the film, and counts how often it stops by itself once it plays. */
async function watch(page: Page): Promise<void> {
  await page.goto(`${services.url}/watch`);
  await page.getByLabel("E-mail address").fill(viewer.email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Viewer" }).click();
  await page.getByRole("button", { name: "▶ Rain" }).first().click();
  await page.waitForFunction(() => (globalThis as unknown as Dom).document.querySelector("video")?.currentTime);
  await page.evaluate(() => {
    const dom = globalThis as unknown as Dom;
    const video = dom.document.querySelector("video")!;
    dom.counts = { stalls: 0 };
    video.addEventListener("waiting", () => (dom.counts.stalls += video.seeking || video.ended ? 0 : 1));
  });
}
const stalls = (page: Page) => page.evaluate(() => (globalThis as unknown as Dom).counts.stalls);
const place = (page: Page) => page.evaluate(() => (globalThis as unknown as Dom).player.video.currentTime);
const isOver = (page: Page) =>
  page.waitForFunction(() => (globalThis as unknown as Dom).player.video.ended, undefined, { timeout: 90_000 });

describe("a film in a browser", () => {
  it("plays to its end, and sound, subtitles, quality and place can be chosen meanwhile", async () => {
    isFailing = () => false;
    const page = await browser!.newPage({ viewport: { width: 1280, height: 800 }, locale: "en-GB" });
    const complaints = complaintsOf(page);
    await watch(page);
    await page.getByLabel("Sound").selectOption({ label: "한국어" });
    await page.getByLabel("Subtitles").selectOption({ label: "English" });
    await page.getByLabel("Quality").selectOption({ label: "240p" });
    await page.waitForFunction(() => {
      const { hls, video } = (globalThis as unknown as Dom).player;
      const cues = [...video.textTracks].flatMap(({ activeCues }) => [...(activeCues ?? [])]);
      return hls.audioTracks[hls.audioTrack]!.lang === "ko" && cues.some(({ text }) => text.startsWith("Line"));
    });
    await page.locator("main").focus();
    const before = await place(page);
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((from) => (globalThis as unknown as Dom).player.video.currentTime >= from + 8, before);
    await isOver(page);
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
    const page = await browser!.newPage({ locale: "en-GB" });
    await watch(page);
    await isOver(page);
    expect(await stalls(page)).toBe(0);
    expect(refused).toBeGreaterThan(0);
    await page.close();
  });
});
