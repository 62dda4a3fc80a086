import fc from "fast-check";
import { codePoint } from "../../test/support/fixtures/code-point.ts";
import { readReport } from "./cmcd.model.ts";

const sid = "019a0000-0000-7000-8000-0123456789ab";
/** As hls.js 1.7 sends it. */
const line = (sn: number, more: string) =>
  `bl=(23900),br=(900),cid="film",${more},mtp=(75100),sf=h,sid="${sid}",sn=${sn},st=v,ts=1795699306685,v=2`;

describe("a report in CMCD version 2", () => {
  it("has an event on each line, in the order of their numbers", () => {
    const events = readReport(`${line(2, "e=ps,sta=r")}\n${line(1, "e=t,sta=p")}\r\n${line(3, "e=e")}\n`, sid);
    expect(events).toEqual([
      { number: 1, isStall: false, isFailure: false },
      { number: 2, isStall: true, isFailure: false },
      { number: 3, isStall: false, isFailure: true },
    ]);
    expect(readReport("", sid)).toEqual([]);
  });

  it.each([
    ["e=ps,sta=r", true, false],
    ["e=ps,sta=p", false, false],
    ["e=t,sta=r", false, false],
    ["e=ps,sta=f", false, true],
    ["e=t,sta=f", false, false],
    ["e=e,sta=p", false, true],
  ])("of %s is a stall: %s, a failure: %s", (about, isStall, isFailure) => {
    expect(readReport(line(0, about), sid)).toEqual([{ number: 0, isStall, isFailure }]);
  });

  it("may have a hundred lines", () => {
    const lines = Array.from({ length: 100 }, (_, sn) => line(sn, "e=t"));
    expect(readReport(lines.join("\n"), sid)).toHaveLength(100);
  });

  it.each([
    ["of another session", line(1, "e=t").replace("0123", "9999")],
    ["of version 1", line(1, "e=t").replace("v=2", "v=1")],
    ["without a number", line(1, "e=t").replace("sn=1,", "")],
    ["with a number below zero", line(-1, "e=t")],
    ["with a number that is none", line(1, "e=t").replace("sn=1", 'sn="1"')],
    ["with half a number", line(1, "e=t").replace("sn=1", "sn=1.5")],
    ["that is no dictionary", 'bl=(23900, "'],
    ["of too many lines", Array.from({ length: 101 }, (_, sn) => line(sn, "e=t")).join("\n")],
  ])("%s is refused", (_, body) => {
    expect(readReport(body, sid)).toBeUndefined();
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: codePoint }), fc.constantFrom(":", "a=:", "a=@", "a=?", '%"')),
        (body) => {
          readReport(body, sid);
        },
      ),
    );
  });
});
