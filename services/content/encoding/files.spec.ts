/**
 * What the real ffmpeg makes of a film, file by file, and what it is not led to by a file that is no film.
 * @databases sqlite: files are the same whichever database knows of them; encoding.spec.ts runs on both
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse, type types } from "hls-parser";
import { brokenRules } from "../../../test/support/invariants/hls-rules.ts";
import { EncodingService, textIn } from "../../../test/support/systems/encoding-service.ts";
import { ffmpegText, film, framesOf, sound } from "../../../test/support/systems/footage.ts";

let service: EncodingService;
beforeAll(async () => {
  service = await EncodingService.start();
});
afterAll(() => service.stop());

describe("the files of a film", () => {
  let id: string;
  let folder: string;
  beforeAll(async () => {
    id = await service.begin(film({ seconds: 10, rate: "24000/1001" }), true);
    await service.ended(id);
    folder = await service.folder(id);
  });

  it("are as long as the film", async () => {
    const encoding = await service.call("content.getEncoding", { id });
    expect(encoding.totalSeconds).toBeCloseTo((2 * 241 * 1001) / 24_000, 2);
  });

  it("keep the rules of HLS, with all rungs and up to each height", () => {
    expect(brokenRules(folder)).toEqual([]);
    expect(brokenRules(folder, "main-240.m3u8")).toEqual([]);
    expect(textIn(folder, "main-240.m3u8")).not.toContain("360p");
  });

  it("have all frames of each rung without a gap, with keyframes at the same times, each two seconds", () => {
    const [low, high] = ["240p", "360p"].map((rung) => framesOf(`${folder}/${rung}/index.m3u8`));
    expect(low).toEqual(high);
    expect(low!.map(({ time }) => time)).toEqual(low!.map((_, frame) => Math.round(10e6 + (frame * 1001e6) / 24_000)));
    expect(low!.flatMap(({ isKey }, frame) => (isKey ? [frame] : []))).toEqual([0, 48, 96, 144, 192, 240]);
    // In Matroska, the picture of this film begins 23 ms after its sound: there is a frame more, to begin with.
    expect(low).toHaveLength(241);
  });

  it("have keyframes that a player reads without the rest of their segments", () => {
    const list = parse(textIn(folder, "240p/iframes.m3u8")) as types.MediaPlaylist;
    expect(list.segments).toHaveLength(3);
    for (const { uri, map, byterange } of list.segments.slice(1)) {
      const { offset, length } = byterange;
      const part = readFileSync(`${folder}/240p/${uri}`).subarray(offset, offset + length);
      const alone = join(folder, "240p", "frame.mp4");
      writeFileSync(alone, Buffer.concat([readFileSync(`${folder}/240p/${map.uri}`), part]));
      const [frame, ...rest] = framesOf(alone);
      expect([frame!.isKey, rest.length]).toEqual([true, 0]);
      expect(ffmpegText("-i", alone, "-frames:v", "1", "-f", "null", "-")).toBe("");
    }
  });

  it.each(["240p", "360p", "audio-0", "audio-1"])("decode whole: %s, without an error", (track) => {
    expect(ffmpegText("-i", `${folder}/${track}/index.m3u8`, "-f", "null", "-")).toBe("");
  });

  it("have text in time with the picture, pictures for the time line, and what may be skipped", async () => {
    expect(textIn(folder, "subtitles-0/subtitles.vtt")).toMatch(
      /^WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.\d+ --> 00:02.\d+\nHello\n/,
    );
    expect(textIn(folder, "thumbs.vtt")).toContain(
      "\n00:00:04.004 --> 00:00:08.008\n240p/sprite-0002.jpg#xywh=0,0,160,90\n",
    );
    expect(readFileSync(`${folder}/240p/sprite-0002.jpg`).subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(await service.call("content.get", { id })).toMatchObject({
      durationMs: Math.round((241 * 1001) / 24),
      heights: [240, 360],
      chapters: [{ kind: "intro", from: 0, until: 2000 }, { kind: "chapter" }],
    });
  });
});

describe("a file that is no film", () => {
  const refusalOf = async (source: string | Buffer) => {
    const id = await service.begin(source, true);
    const { failure } = await service.ended(id);
    expect(await service.call("content.getDetails", { id })).toMatchObject({ state: "failed", failure });
    expect(await service.told(id)).toEqual(["content.failed"]);
    return failure;
  };

  it("is refused with what is wrong", async () => {
    const whole = readFileSync(film({ seconds: 10, name: "whole.mkv" }));
    expect(await refusalOf(Buffer.alloc(100_000, "no film"))).toBe("NOT_A_VIDEO");
    expect(await refusalOf(sound())).toBe("NO_VIDEO_TRACK");
    expect(await refusalOf(whole.subarray(0, whole.length / 2))).toBe("TRUNCATED");
  });

  it("opens no other file and no address", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => response.end(void asked.push(request.url!))).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => void server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.ts`;
    const secret = film({ seconds: 5, name: "secret.mkv" });
    for (const text of [
      `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${url}\n#EXT-X-ENDLIST\n`,
      `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:${secret}\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${secret}'\n`,
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><BaseURL>${url}</BaseURL></MPD>`,
    ])
      expect(await refusalOf(Buffer.from(text))).toBe("NOT_A_VIDEO");
    expect(asked).toEqual([]);
    server.close();
  });
});
