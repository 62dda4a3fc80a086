import { steeringManifest, withPathways } from "./steering.model.ts";

const playlist = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="audio-en/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio"
360p/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS="avc1.64001e",URI="360p/iframes.m3u8"
`;
const here = { id: "a", base: "" };
const there = { id: "b", base: "https://b.example/t/x/v/1/r/" };

describe("a playlist of all rungs", () => {
  it("has every rung and every sound on every pathway, with groups of its own", () => {
    expect(withPathways(playlist, [here, there])).toBe(`#EXTM3U
#EXT-X-CONTENT-STEERING:SERVER-URI="steering",PATHWAY-ID="a"
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-a",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="audio-en/index.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-b",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="https://b.example/t/x/v/1/r/audio-en/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio-a",PATHWAY-ID="a"
360p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.64001e,mp4a.40.2",AUDIO="audio-b",PATHWAY-ID="b"
https://b.example/t/x/v/1/r/360p/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS="avc1.64001e",URI="360p/iframes.m3u8",PATHWAY-ID="a"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=90000,CODECS="avc1.64001e",URI="https://b.example/t/x/v/1/r/360p/iframes.m3u8",PATHWAY-ID="b"
`);
  });
});

describe("a steering manifest", () => {
  it("names the edges, best first, and the one that answers in any case", () => {
    expect(steeringManifest(10, ["b", "a"], "a")).toEqual({ VERSION: 1, TTL: 10, "PATHWAY-PRIORITY": ["b", "a"] });
    expect(steeringManifest(5, ["b"], "a")).toMatchObject({ "PATHWAY-PRIORITY": ["b", "a"] });
  });
});
