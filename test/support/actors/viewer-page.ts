/** A viewer in a browser, on the plain player page. */
import type { Browser, Page } from "playwright-core";

/** The page, as far as specs read it. */
interface Dom {
  readonly document: { querySelector(selector: "video"): Video | null };
  readonly player: { readonly hls: Hls; readonly video: Video };
  seen: { stalls: number; heights: number[] };
}
interface Hls {
  readonly config: { maxBufferLength: number };
  bandwidthEstimate: number;
  readonly audioTrack: number;
  readonly audioTracks: readonly { readonly lang: string }[];
  readonly levels: readonly { readonly height: number }[];
  on(event: string, act: (event: string, about: { readonly frag: { level: number; type: string } }) => void): void;
}
interface Video {
  readonly currentTime: number;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly textTracks: Iterable<{ readonly activeCues: Iterable<{ readonly text: string }> | null }>;
  addEventListener(event: string, act: () => void): void;
}

export interface Viewer {
  readonly email: string;
  readonly password: string;
}

export class ViewerPage {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Each page is a device of its own. */
  static async open(browser: Browser, locale = "en-GB"): Promise<ViewerPage> {
    return new ViewerPage(await browser.newPage({ viewport: { width: 1280, height: 800 }, locale }));
  }

  /** Signs in, chooses the profile, and asks for the film. */
  async choose(url: string, { email, password }: Viewer): Promise<void> {
    const { page } = this;
    await page.goto(`${url}/watch`);
    await page.getByLabel("E-mail address").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Viewer" }).click();
    await page.getByRole("button", { name: "▶ Rain" }).first().click();
  }

  /** Resolves when the film plays; from then on stops and the quality of what is loaded are noted. @param buffer seconds */
  async plays(buffer?: number): Promise<void> {
    await this.page.waitForFunction(() => (globalThis as unknown as Dom).document.querySelector("video")?.currentTime);
    await this.page.evaluate((seconds) => {
      const dom = globalThis as unknown as Dom;
      const { hls, video } = dom.player;
      if (seconds !== undefined) hls.config.maxBufferLength = seconds;
      dom.seen = { stalls: 0, heights: [] };
      video.addEventListener("waiting", () => (dom.seen.stalls += video.seeking || video.ended ? 0 : 1));
      hls.on("hlsFragLoaded", (_, { frag }) => {
        if (frag.type === "main") dom.seen.heights.push(hls.levels[frag.level]!.height);
      });
    }, buffer);
  }

  /** How often it stopped by itself. */
  stalls(): Promise<number> {
    return this.page.evaluate(() => (globalThis as unknown as Dom).seen.stalls);
  }

  /** Lines of the pictures that were loaded, in order. */
  heights(): Promise<readonly number[]> {
    return this.page.evaluate(() => (globalThis as unknown as Dom).seen.heights);
  }

  /** Seconds from the beginning of the film. */
  place(): Promise<number> {
    return this.page.evaluate(() => (globalThis as unknown as Dom).player.video.currentTime);
  }

  /** Resolves when the film has come so far. @param seconds from its beginning */
  async reaches(seconds: number): Promise<void> {
    const isThere = (from: number) => (globalThis as unknown as Dom).player.video.currentTime >= from;
    await this.page.waitForFunction(isThere, seconds, { timeout: 90_000 });
  }

  async isOver(): Promise<void> {
    const isOver = () => (globalThis as unknown as Dom).player.video.ended;
    await this.page.waitForFunction(isOver, undefined, { timeout: 180_000 });
  }

  /** Resolves when this sound plays, and a line of subtitles is shown that begins so. */
  async hears(language: string, words: string): Promise<void> {
    await this.page.waitForFunction(
      ([lang, begin]) => {
        const { hls, video } = (globalThis as unknown as Dom).player;
        const cues = [...video.textTracks].flatMap(({ activeCues }) => [...(activeCues ?? [])]);
        return hls.audioTracks[hls.audioTrack]?.lang === lang && cues.some(({ text }) => text.startsWith(begin!));
      },
      [language, words],
    );
  }

  /** The player believes that the line carries this. @param bits a second */
  async believes(bits: number): Promise<void> {
    await this.page.evaluate((line) => {
      (globalThis as unknown as Dom).player.hls.bandwidthEstimate = line;
    }, bits);
  }

  /** What the line carries from now on, as a phone in a train would have it. @param bits a second */
  async throttle(bits: number): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const download = bits / 8;
    const conditions = { offline: false, latency: 40, downloadThroughput: download, uploadThroughput: download };
    await session.send("Network.emulateNetworkConditions", conditions);
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
