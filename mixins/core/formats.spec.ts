import Type from "typebox";
import { Compile } from "typebox/compile";
import { formatFault, normaliser } from "./formats.ts";
import { Email, Id, Paragraphs, Strict, Text, Timestamp } from "./schema.ts";

const Letter = Strict({
  to: Type.Array(Strict({ name: Text(5), email: Email }), { maxItems: 3 }),
  note: Type.Optional(Type.Union([Paragraphs(10), Type.Null()])),
  id: Type.Optional(Id),
});
const normalise = normaliser(Letter)!;
const nfd = (text: string) => text.normalize("NFD");

describe("normaliser", () => {
  it("brings every text of a value into its one spelling, and leaves the value alone", () => {
    const value = { to: [{ name: nfd("Émile"), email: "E@한국.KR" }], note: "a\r\nb" };
    const before = structuredClone(value);
    expect(normalise(value)).toEqual({ to: [{ name: "Émile", email: "e@xn--3e0b707e.kr" }], note: "a\nb" });
    expect(value).toEqual(before);
  });

  it("goes before the length, so that one person's name is as long as another's", () => {
    const value = { to: [{ name: nfd("다섯글자만"), email: "a@example.com" }] };
    expect(Compile(Letter).Check(value)).toBe(false);
    expect(Compile(Letter).Check(normalise(value))).toBe(true);
  });

  it.each([null, undefined, 1, "x", [], { to: 1 }, { to: [1, null] }, { to: [{ name: {} }] }, { note: null }])(
    "passes on what validation will judge: %j",
    (value) => expect(normalise(value)).toEqual(value),
  );

  it("takes no time for what is too long", () => {
    const value = { to: [], note: nfd("é").repeat(100) };
    expect(normalise(value)).toEqual(value);
    const many = { to: Array.from({ length: 4 }, () => ({ name: nfd("é"), email: "" })) };
    expect(normalise(many)).toBe(many);
  });

  it("is not there where there is no text", () => {
    expect(normaliser(Strict({ count: Type.Integer(), kind: Type.Enum(["A"]) }))).toBeUndefined();
  });

  it("writes ids in lower case, wherever they stand", () => {
    const id = "0190AB12-CDEF-7000-8000-ABCDEFABCDEF";
    const lower = id.toLowerCase();
    const normalise = normaliser(
      Strict({ id: Id, of: Type.Union([Id, Type.Null()]), ids: Type.Array(Id, { maxItems: 2 }) }),
    )!;
    expect(normalise({ id, of: id, ids: [id, lower] })).toEqual({ id: lower, of: lower, ids: [lower, lower] });
    expect(normalise({ id, of: null, ids: [1] })).toEqual({ id: lower, of: null, ids: [1] });
  });
});

describe("a time", () => {
  const Moment = Strict({ at: Timestamp });
  const at = (text: string) => normaliser(Moment)!({ at: text });
  const takes = (text: string) => Compile(Moment).Check(at(text));

  it.each([
    ["2030-01-31T09:00:00+09:00", "2030-01-31T00:00:00.000Z"],
    ["2030-01-31t00:00:00.5z", "2030-01-31T00:00:00.500Z"],
    ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
    ["2100-12-31T23:59:59.999Z", "2100-12-31T23:59:59.999Z"],
  ])("%s arrives as %s", (text, utc) => {
    expect(at(text)).toEqual({ at: utc });
    expect(takes(text)).toBe(true);
  });

  it.each([
    "9999-12-31T23:59:59-01:00",
    "2100-12-31T23:59:59-00:01",
    "1970-01-01T00:00:00+00:01",
    "0000-01-01T00:00:00Z",
    "+275760-09-13T00:00:00Z",
    "2030-02-30T00:00:00Z",
    "2030-01-31T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "2030-01-31T09:00:00",
    "2030-01-31",
    "2030-01-31T09:00:00Z[Asia/Seoul]",
    "now",
  ])("%s is refused", (text) => expect(takes(text)).toBe(false));
});

describe("formatFault", () => {
  it("says what is wrong by the format", () => {
    expect(formatFault("line", "a\nb")).toMatchObject({ en: "must be one line without tabs" });
    expect(formatFault("text", "a\nb")).toBeNull();
    expect(formatFault("uuid", "x")).toBeNull();
    expect(formatFault("constructor", "x")).toBeNull();
  });
});
