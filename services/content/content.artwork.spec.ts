/**
 * Posters, and subtitles that are added to a film that is encoded already.
 * @databases sqlite postgres
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { workContext } from "#core/context.ts";
import { brokenRules } from "../../test/support/invariants/hls-rules.ts";
import { EncodingService, textIn } from "../../test/support/systems/encoding-service.ts";
import { film, picture, sizeOf } from "../../test/support/systems/footage.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import type { Sweep } from "./sweep.mixin.ts";

let service: EncodingService;
let id: string;
let folder: string;
beforeAll(async () => {
  service = await EncodingService.start();
  id = await service.begin(film({ seconds: 6, name: "poster.mkv" }), true);
  await service.ended(id);
  folder = await service.folder(id);
});
afterAll(() => service.stop());
afterEach(() => jest.restoreAllMocks());

const code = (type: string) => expect.objectContaining({ type });

describe("a poster", () => {
  const posterId = async () => (await service.call("content.getDetails", { id })).posterId!;
  const jpeg = async (poster: string) => {
    const { mediaType, content } = await service.call("content.getPoster", { id, posterId: poster });
    const path = join(process.env.DATA_DIR!, `${newId()}.jpg`);
    writeFileSync(path, Buffer.from(content, "base64"));
    return { mediaType, size: sizeOf(path) };
  };

  it("is a frame of the film until staff choose a picture, which is made smaller", async () => {
    const frame = await posterId();
    expect(await jpeg(frame)).toEqual({ mediaType: "image/jpeg", size: "640,360" });
    const { items } = await service.call("content.list", {});
    expect(items).toMatchObject([{ id, posterId: frame }]);
    const { posterId: chosen } = await service.call("content.setPoster", {
      id,
      ...(await service.source(picture("1500x1000"))),
    });
    expect(chosen).not.toBe(frame);
    expect((await jpeg(chosen!)).size).toBe("640,426");
    await service.call("content.removePoster", { id });
    expect(await posterId()).toBe(frame);
    // Whoever still shows the one before has its address.
    const { sweep } = localService<{ sweep: Sweep }>(service.broker, "content");
    await sweep.run();
    expect((await jpeg(chosen!)).size).toBe("640,426");
    const time = Date.now();
    jest.spyOn(Date, "now").mockImplementation(() => time + 2 * 60 * 60 * 1000);
    await sweep.run();
    await expect(jpeg(chosen!)).rejects.toEqual(code("NOT_FOUND"));
    expect((await jpeg(frame)).size).toBe("640,360");
  });

  it.each(["no picture", "#EXTM3U\n#EXTINF:1,\nfile:/etc/passwd\n", "<svg xmlns='http://www.w3.org/2000/svg'/>"])(
    "is refused when it is none: %j",
    async (text) => {
      const before = await posterId();
      const source = await service.source(Buffer.from(text));
      await expect(service.call("content.setPoster", { id, ...source })).rejects.toEqual(code("CONTENT_IMAGE_INVALID"));
      expect(await posterId()).toBe(before);
    },
  );
});

describe("subtitles that are added", () => {
  const words = (text: string) => service.source(Buffer.from(`1\n00:00:01,000 --> 00:00:02,000\n${text}\n`));
  const set = async (language: string, text: string) =>
    service.call("content.setSubtitles", { id, language, ...(await words(text)) });
  const manifest = async () => {
    const context = workContext(localService(service.broker, "content"));
    const asked = { videoId: id, region: null, plan: null, source: "purchase" as const };
    return (await context.call("content.getPlayable", asked)).manifest;
  };
  const languages = (list: string, of = folder) =>
    [...textIn(of, list).matchAll(/TYPE=SUBTITLES.*?LANGUAGE="([^"]+)"/g)].map(([, language]) => language);

  it("are played from then on, in the place of the film's own in their language, also those of several at once", async () => {
    expect(await manifest()).toBe("main.m3u8");
    await Promise.all([set("fr", "Bonjour"), set("ko", "안녕")]);
    const list = await manifest();
    expect(list).toMatch(/^main-[0-9a-f]{12}\.m3u8$/);
    expect(languages(list)).toEqual(["en", "fr", "ko"]);
    expect(languages(list.replace(".m3u8", "-240.m3u8"))).toEqual(["en", "fr", "ko"]);
    expect(brokenRules(folder, list)).toEqual([]);
    const [, path] = /LANGUAGE="fr".*URI="([^"]+)"/.exec(textIn(folder, list))!;
    expect(textIn(folder, path!.replace("index.m3u8", "subtitles.vtt"))).toBe(
      "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:00:01.000 --> 00:00:02.000\nBonjour\n",
    );
    // Who began before goes on with what there was.
    expect(languages("main.m3u8")).toEqual(["en", "ko"]);
  });

  it("are replaced, listed, and gone when they are removed", async () => {
    const before = await manifest();
    await set("fr", "Salut");
    expect(await manifest()).not.toBe(before);
    const { items } = await service.call("content.listSubtitles", { id });
    expect(items.map(({ language }) => language)).toEqual(["fr", "ko"]);
    await service.call("content.removeSubtitles", { id, language: "ko" });
    expect(languages(await manifest())).toEqual(["en", "ko", "fr"]);
    await expect(service.call("content.removeSubtitles", { id, language: "ko" })).rejects.toEqual(code("NOT_FOUND"));
  });

  it("stay when the film is encoded anew", async () => {
    await service.call("content.createEncoding", {
      id,
      ...(await service.source(film({ seconds: 2, name: "again.mkv" }))),
    });
    // Added while it is encoded.
    await set("de", "Hallo");
    await service.ended(id);
    const again = await service.folder(id);
    expect(again).not.toBe(folder);
    const list = await manifest();
    expect(languages(list, again)).toEqual(["en", "ko", "de", "fr"]);
    expect(brokenRules(again, list)).toEqual([]);
    for (const language of ["de", "fr"]) await service.call("content.removeSubtitles", { id, language });
    expect([await manifest(), existsSync(join(again, "main.m3u8"))]).toEqual(["main.m3u8", true]);
  });

  it("are refused for what has no video, and when they cannot be read", async () => {
    const titles = { en: { title: "Series" } };
    const series = await service.call("content.create", { kind: "series", titles, rating: 0 });
    const asked = { language: "fr", ...(await words("Bonjour")) };
    await expect(service.call("content.setSubtitles", { id: series.id, ...asked })).rejects.toEqual(
      code("CONTENT_NOT_PLAYED"),
    );
    const source = await service.source(Buffer.from("no subtitles"));
    await expect(service.call("content.setSubtitles", { id, language: "fr", ...source })).rejects.toMatchObject({
      type: "CONTENT_SUBTITLES_INVALID",
      data: { line: 0, reason: "NO_CUES" },
    });
  });
});
