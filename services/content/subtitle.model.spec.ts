import { webvttOf } from "./subtitle.model.ts";

const read = (text: string) => webvttOf(Buffer.from(text));

describe("subtitles that people upload", () => {
  it("are written as WebVTT with nothing but their cues, in their order", () => {
    const srt =
      "\uFEFF2\r\n00:00:03,000 --> 00:00:05,000\r\nGoodbye\r\n\r\n1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\nthere\r\n";
    expect(read(srt)).toBe(
      "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello\nthere\n\n00:00:03.000 --> 00:00:05.000\nGoodbye\n",
    );
  });

  it("keep where they stand and what WebVTT knows, and lose everything else", () => {
    const vtt = `WEBVTT - a title

STYLE
::cue { background: url(https://x.example) }

REGION
id:a

NOTE
a remark

name
01:02.000 --> 01:03.000 line:0 position:50% region:a align:start onclick:x
<v Han><i>마당</i> <font color="red">red</font> <script>x</script> 1 < 2
`;
    expect(read(vtt)).toBe(
      "WEBVTT\n\n00:01:02.000 --> 00:01:03.000 line:0 position:50% align:start\n<v Han><i>마당</i> red x 1 < 2\n",
    );
  });

  it.each([
    ["", 0, "NO_CUES"],
    ["WEBVTT\n\nHello", 0, "NO_CUES"],
    ["00:01.000 --> 00:01.000\nHello", 1, "TIME"],
    ["WEBVTT\n\n1:2 --> 00:03.000\nHello", 3, "TIME"],
    ["00:61:00.000 --> 00:62:00.000\nHello", 1, "TIME"],
    ["00:01.000 --> 00:02.000\na\u0000b", 1, "TEXT"],
    [`00:01.000 --> 00:02.000\n${"a".repeat(2001)}`, 1, "TEXT"],
    ["00:01.000 --> 00:02.000\na\n00:03.000 --> 00:04.000\nb", 1, "TEXT"],
    ["00:01.000 --> 00:02.000\na\n\n".repeat(20_001), 60_001, "TOO_LARGE"],
    ["a".repeat(1024 * 1024 + 1), 0, "TOO_LARGE"],
  ])("are refused with the line and the reason", (text, line, reason) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ data: expect.objectContaining({ line, reason }) }));
  });

  it("are refused when they are no text in UTF-8", () => {
    const refusal = expect.objectContaining({ type: "CONTENT_SUBTITLES_INVALID" });
    expect(() => webvttOf(Buffer.from("00:01.000 --> 00:02.000\n마당", "utf16le"))).toThrow(refusal);
    expect(() => webvttOf(Buffer.from([0xff, 0xfe, 0x00]))).toThrow(refusal);
  });
});
