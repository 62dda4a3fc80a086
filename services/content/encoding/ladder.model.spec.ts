/** Which rungs a film gets, where it is cut, and what is refused. */
import fc from "fast-check";
import { chunkCount, chunkOf, cutOf, rungsOf } from "./ladder.model.ts";
import { chapterKind, type Probed, sourceOf } from "./probe.model.ts";

describe("rungsOf", () => {
  it.each([
    [1920, 1080, ["426x240", "640x360", "854x480", "1280x720", "1920x1080"]],
    [3840, 2160, ["426x240", "640x360", "854x480", "1280x720", "1920x1080"]],
    [1920, 804, ["426x178", "640x268", "854x358", "1280x536", "1920x804"]],
    [1080, 1920, ["136x240", "202x360", "270x480", "406x720", "608x1080"]],
    [640, 480, ["320x240", "480x360", "640x480"]],
    [320, 200, ["320x200"]],
    [33, 21, ["34x22"]],
  ])("never makes a picture of %dx%d larger", (width, height, sizes) => {
    expect(rungsOf({ width, height }).map((one) => `${one.width}x${one.lines}`)).toEqual(sizes);
  });
});

describe("cutOf", () => {
  const rate = fc.constantFrom([24_000, 1001], [25, 1], [30_000, 1001], [30, 1], [60_000, 1001], [15, 1], [7, 1]);
  it("gives every frame to one chunk, and begins each with a segment", () => {
    fc.assert(
      fc.property(
        rate,
        fc.double({ min: 0.01, max: 20_000, noNaN: true }),
        fc.integer({ min: 4, max: 600 }),
        (of, seconds, chunk) => {
          const cut = cutOf({ rate: { numerator: of[0], denominator: of[1] }, seconds }, chunk);
          const chunks = Array.from({ length: chunkCount(cut) }, (_, position) => chunkOf(cut, position));
          let next = 0;
          for (const { first, frames, segment } of chunks) {
            expect(first).toBe(next);
            expect(frames).toBeGreaterThan(0);
            expect(segment).toBe(Math.trunc(segment));
            next = first + frames;
          }
          expect(next).toBe(cut.frames);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("sourceOf", () => {
  const video = {
    index: 0,
    codec_type: "video",
    codec_name: "h264",
    width: 640,
    height: 360,
    r_frame_rate: "25/1",
    avg_frame_rate: "25/1",
  };
  const probed = (change: object, format: object = {}): Probed => ({
    streams: [{ ...video, ...change }],
    format: { duration: "60", ...format },
  });
  const limits = { longest: 3600 };
  const read = (change: object, format?: object) => sourceOf(probed(change, format), limits);

  it.each([
    ["NOT_A_VIDEO", () => sourceOf({}, limits)],
    ["NOT_A_VIDEO", () => read({}, { duration: "N/A" })],
    ["NO_VIDEO_TRACK", () => read({ codec_type: "audio" })],
    ["NO_VIDEO_TRACK", () => read({ disposition: { attached_pic: 1 } })],
    ["UNSUPPORTED", () => read({ codec_name: "unknown" })],
    ["TOO_LONG", () => read({}, { duration: "3601" })],
    ["TOO_LARGE", () => read({ width: 20_000 })],
    ["BROKEN", () => read({ width: 0 })],
    ["BROKEN", () => read({ r_frame_rate: "0/0", avg_frame_rate: "0/0" })],
  ])("refuses with %s", (reason, reading) => {
    expect(reading).toThrow(expect.objectContaining({ reason }));
  });

  it.each([
    [
      { width: 720, height: 576, sample_aspect_ratio: "64:45" },
      { width: 1024, height: 576 },
    ],
    [{ side_data_list: [{ rotation: -90 }] }, { width: 360, height: 640 }],
    [
      { r_frame_rate: "1000/1", avg_frame_rate: "29/1" },
      { rate: { numerator: 30_000, denominator: 1001 }, isVariable: true },
    ],
    [
      { r_frame_rate: "50/1", avg_frame_rate: "25/1", field_order: "tt" },
      { rate: { numerator: 25, denominator: 1 }, isInterlaced: true },
    ],
    [{ r_frame_rate: "120/1", avg_frame_rate: "120/1" }, { rate: { numerator: 60, denominator: 1 } }],
    [{ tags: { DURATION: "00:01:02.500000000" } }, { seconds: 62.5 }],
  ])("reads %j as it is shown", (change, source) => {
    expect(read(change)).toMatchObject(source);
  });
});

it("knows by its name what may be skipped", () => {
  expect(["Intro", "인트로", "Opening", "Chapter 1", "End credits", "Introduction to art"].map(chapterKind)).toEqual([
    "intro",
    "intro",
    "intro",
    "chapter",
    "credits",
    "chapter",
  ]);
});
