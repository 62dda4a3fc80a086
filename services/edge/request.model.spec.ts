import fc from "fast-check";
import { asked, hasTag, heightOf, isMaster, partOf, typeOf } from "./request.model.ts";

const token = "XaL06b.x2qxvk.AZoAAAAAcACAAAEjRWeJqw.k0~njO2zWMG5Xnzcgr9UQz60Q";
const base = `/t/${token}/v/video-1/r1`;

describe("the path of a file", () => {
  it("names a token, a folder and a file", () => {
    const folder = "v/video-1/r1";
    expect(asked(`${base}/main.m3u8`)).toEqual({ token, folder, file: "main.m3u8" });
    expect(asked(`${base}/720p/seg-000001.m4s`)).toEqual({ token, folder, file: "720p/seg-000001.m4s" });
  });

  it.each([
    `${base}/`,
    `${base}/../r2/main.m3u8`,
    `${base}/720p/../../../x.m4s`,
    `${base}/..%2f..%2fx`,
    `${base}/%2e%2e/x`,
    `${base}/720p%2fseg-000001.m4s`,
    `${base}//main.m3u8`,
    `${base}/720p\\seg.m4s`,
    `${base}/seg%00.m4s`,
    `${base}/seg\0.m4s`,
    `${base}/.hidden`,
    `${base}/a/b/c/d/e.m4s`,
    `/t/${token}//etc/passwd`,
    `/t/${token}/v//etc/passwd`,
    `/t/${token}/v/../x/main.m3u8`,
    `/t/${encodeURIComponent(token).replace("~", "%7E")}/v/a/b/c.m4s`,
    `http://x${base}/main.m3u8`,
  ])("is none of ours: %j", (path) => {
    expect(asked(path)).toBeUndefined();
  });

  it("never leads out of its folder, whatever it is", () => {
    const part = fc.constantFrom("..", ".", "%2e", "%2f", "/", "a", "\0", "\\", "~", "v", "main.m3u8");
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const found = asked(`${base}/${parts.join("")}`);
        expect(found?.file ?? "").not.toMatch(/(?:^|\/)\.|%|\\|\0|\/\//);
      }),
    );
  });

  it("tells the height of a picture, and the playlist of all rungs", () => {
    expect([heightOf("720p/seg.m4s"), heightOf("audio-en/seg.m4s"), heightOf("720p.m3u8")]).toEqual([720, 0, 0]);
    expect(
      ["main.m3u8", "main-480.m3u8", "main-0123456789ab.m3u8", "main-0123456789ab-480.m3u8"].map(isMaster),
    ).toEqual([true, true, true, true]);
    expect(["720p/main.m3u8", "main-x.m3u8", "720p/iframes.m3u8"].map(isMaster)).toEqual([false, false, false]);
  });
});

it("a file has the type of its ending, and what is not for players has none", () => {
  expect(["a.b/main.m3u8", "1.m4s", "x.txt", "m3u8"].map(typeOf)).toEqual([
    "application/vnd.apple.mpegurl",
    "video/iso.segment",
    undefined,
    "application/vnd.apple.mpegurl",
  ]);
});

describe("a part of a file", () => {
  it.each([
    ["bytes=0-9", { from: 0, until: 10 }],
    ["bytes=5-5", { from: 5, until: 6 }],
    ["bytes=90-", { from: 90, until: 100 }],
    ["bytes=90-500", { from: 90, until: 100 }],
    ["bytes=-10", { from: 90, until: 100 }],
    ["bytes=-500", { from: 0, until: 100 }],
    ["bytes=100-", undefined],
    ["bytes=-0", undefined],
    ["bytes=5-4", null],
    ["bytes=0-1,5-6", null],
    ["items=0-1", null],
    ["bytes=-", null],
    [undefined, null],
  ])("%j", (header, part) => {
    expect(partOf(header, 100)).toEqual(part);
  });

  it("is within the file, whatever is asked", () => {
    fc.assert(
      fc.property(fc.option(fc.nat()), fc.option(fc.nat()), fc.nat(), (first, last, size) => {
        const part = partOf(`bytes=${first ?? ""}-${last ?? ""}`, size);
        if (part) expect(part.from >= 0 && part.from < part.until && part.until <= size).toBe(size > 0);
      }),
    );
  });
});

it("entity tags are compared weakly, in a list", () => {
  expect([hasTag('"a", W/"b"', '"b"'), hasTag("*", '"b"'), hasTag('"a"', '"b"'), hasTag(undefined, '"b"')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
