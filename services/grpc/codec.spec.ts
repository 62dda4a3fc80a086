/** What the values of contracts become in messages, and back. */
import { create, toBinary } from "@bufbuild/protobuf";
import Type, { type TSchema } from "typebox";
import { action, type Contract, defineContract } from "#core/contract.ts";
import type { JsonSchema } from "#core/schema.ts";
import { Strict } from "#core/schema.ts";
import { bytesOf, inputOf, outputOf, parserOf } from "./codec.ts";
import { descriptorsOf, registryOf } from "./proto.descriptors.ts";
import { protoOf } from "./proto.model.ts";

const Part = Strict({ name: Type.String(), size: Type.Optional(Type.Integer()) }, { title: "Part" });
const Everything = Strict(
  {
    text: Type.String(),
    whole: Type.Integer(),
    real: Type.Number(),
    flag: Type.Boolean(),
    kind: Type.Enum(["a", "b"]),
    maybe: Type.Optional(Type.String()),
    none: Type.Union([Type.String(), Type.Null()]),
    change: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    part: Part,
    noPart: Type.Union([Part, Type.Null()]),
    parts: Type.Array(Part),
    words: Type.Optional(Type.Array(Type.String())),
    byName: Type.Record(Type.String(), Type.Integer()),
    any: Type.Unknown(),
  },
  { title: "Everything" },
);

function messagesOf(schema: TSchema) {
  const contract = defineContract("sample", {
    summary: "Sample",
    actions: { echo: action({ summary: "Echo", auth: "public", input: schema, output: schema }) },
  }) as unknown as Contract;
  const { files } = protoOf([contract], {});
  const registry = registryOf(descriptorsOf(files));
  const { request, response } = files[0]!.methods[0]!;
  return {
    request: registry.getMessage(request)!,
    response: registry.getMessage(response)!,
    schema: schema as JsonSchema,
  };
}

const { request, response, schema } = messagesOf(Everything);
const [parse, read, write] = [parserOf(request), inputOf(request, schema), outputOf(response)];
const decode = (bytes: Uint8Array) => read(parse(bytes));
const encode = (value: unknown) => bytesOf(response, write(value));

const whole = {
  text: "차 ☕",
  whole: Number.MAX_SAFE_INTEGER,
  real: 0.1,
  flag: true,
  kind: "b",
  maybe: "",
  none: "some",
  change: 0,
  part: { name: "a", size: 1 },
  noPart: { name: "b" },
  parts: [{ name: "c" }, { name: "d", size: -2 }],
  words: ["x", ""],
  byName: { one: 1, "": 2 },
  any: { deep: [1, "a", null, { b: false }] },
};
const least = {
  text: "",
  whole: 0,
  real: 0,
  flag: false,
  kind: "a",
  none: null,
  part: { name: "" },
  noPart: null,
  parts: [],
  byName: {},
  any: null,
};

describe("a message", () => {
  // The numbers of request and answer are alike, because their schema is one.
  it.each([
    ["everything", whole],
    ["only what must be there", least],
    ["that a field shall be none", { ...least, change: null }],
    ["the smallest numbers", { ...least, whole: Number.MIN_SAFE_INTEGER, real: -Number.MIN_VALUE, change: -1 }],
  ])("says %s", (_, value) => {
    expect(decode(encode(value))).toEqual(value);
  });

  it("leaves out what a newer service adds, and what is undefined", () => {
    expect(decode(encode({ ...whole, added: 1, maybe: undefined, part: { name: "a", added: 2 } }))).toEqual({
      ...Object.fromEntries(Object.entries(whole).filter(([name]) => name !== "maybe")),
      part: { name: "a" },
    });
  });

  it("that holds a field which nobody knows is refused with its place", () => {
    const unknown = (no: number) => [{ no, wireType: 0, data: new Uint8Array([1]) }];
    const outer = create(request, { $unknown: unknown(99) });
    (outer as { $unknown?: unknown }).$unknown = unknown(99);
    expect(() => decode(toBinary(request, outer))).toThrow(
      expect.objectContaining({
        type: "VALIDATION_FAILED",
        data: { errors: [expect.objectContaining({ pointer: "" })] },
      }),
    );
  });

  it.each([
    ["cut off", [0x0a, 0x05, 0x61]],
    ["no UTF-8", [0x0a, 0x01, 0xff]],
    ["a tag that is none", [0x07]],
    ["an endless number", Array.from({ length: 20 }, () => 0xff)],
  ])("that is %s is refused", (_, bytes) => {
    expect(() => decode(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ type: "MALFORMED_REQUEST" }));
  });

  it("nothing is empty, and what may be anything is a value", () => {
    const { response: nothing } = messagesOf(Strict({}));
    expect(bytesOf(nothing, outputOf(nothing)(null))).toHaveLength(0);
  });
});
