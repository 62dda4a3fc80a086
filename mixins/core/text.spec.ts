import { lineFault, normalLine, normalText, passwordFault, textFault } from "./text.ts";

describe("lineFault", () => {
  it.each([
    "Émile",
    "김미나",
    "محمد",
    "שָׁלוֹם",
    "नमस्ते",
    "می‌خواهم",
    "👩‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "❤️",
    "1️⃣",
    "O'Brien-Łuk, Jr.",
    "ḍ̇",
    "a\u200eb",
    "",
  ])("takes %j", (text) => expect(lineFault(text)).toBeNull());

  it.each<[string, string]>([
    ["\u0000", "control characters"],
    ["a\u0000b", "control characters"],
    ["a\rb", "control characters"],
    ["a\u001bb", "control characters"],
    ["a\u007f", "control characters"],
    ["a\u0085", "control characters"],
    ["a\nb", "one line"],
    ["a\tb", "one line"],
    ["a\u2028b", "one line"],
    ["\ud800", "half a character"],
    ["a\udc00b", "half a character"],
    ["\ufffe", "no characters"],
    ["a\ufdd0", "no characters"],
    ["a\u{1ffff}", "no characters"],
    ["a\u202eb", "direction"],
    ["a\u202ab", "direction"],
    ["a\u2066b\u2069", "direction"],
    [" ", "can be seen"],
    ["\u00a0\u3000\u2003", "can be seen"],
    ["\u200b", "can be seen"],
    ["\u200d\u200c", "can be seen"],
    ["\ufeff", "can be seen"],
    ["\u00ad", "can be seen"],
    ["\u2060", "can be seen"],
    ["\u3164", "can be seen"],
    ["\uffa0\u115f", "can be seen"],
    ["\u2800", "can be seen"],
    ["\ufe0f", "can be seen"],
    ["\u0301", "can be seen"],
    ["\u{e0041}", "can be seen"],
    [`a${"\u0301".repeat(31)}`, "30 marks"],
  ])("refuses %j: %s", (text, part) => {
    expect(lineFault(text)).toEqual({ en: expect.stringContaining(part), ko: expect.stringMatching(/[가-힣]/) });
  });
});

describe("textFault", () => {
  it("takes lines and tabs, and nothing else that a line may not hold", () => {
    expect(textFault("First\n\tsecond")).toBeNull();
    expect(textFault("a\u0000")).not.toBeNull();
    expect(textFault("\n\t\n")).not.toBeNull();
  });
});

describe("passwordFault", () => {
  it("takes what a keyboard can send", () => {
    expect(passwordFault("  pa\u200d한글😀")).toBeNull();
    expect(passwordFault("a\u0000")).not.toBeNull();
    expect(passwordFault("\ud800")).not.toBeNull();
  });
});

describe("one spelling", () => {
  it("is NFC", () => {
    expect(normalLine("E\u0301mile")).toBe("Émile");
    expect(normalLine("한글".normalize("NFD"))).toBe("한글");
  });

  it("ends lines alike", () => expect(normalText("a\r\nb\rc")).toBe("a\nb\nc"));

  it("does not sort more marks than any language puts on a letter", () => {
    const text = `a${"\u0301\u0316".repeat(20)}`;
    expect(normalLine(text)).toBe(text);
  });
});
