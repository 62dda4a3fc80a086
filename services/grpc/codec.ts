/** Messages as the contracts' values and back: whole numbers, absent fields and `null` are each said in another way. */
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import type { JsonSchema } from "#core/schema.ts";
import { sharedError } from "#core/errors.ts";
import { mappedBy, presentIn, VALUE } from "./proto.model.ts";

export type Fields = Record<string, unknown>;
type Convert = (value: never) => unknown;
/** The one that is there of several fields. */
interface Alternative {
  readonly case: string | undefined;
  readonly value?: unknown;
}

const WHOLE = new Set([3, 4, 5]);
const isWhole = ({ scalar }: DescField): boolean => scalar !== undefined && WHOLE.has(scalar);
const same: Convert = (value) => value;

/** True for the field that says that another shall be none. */
const saysNone = ({ enum: values }: DescField): boolean => values?.typeName === "google.protobuf.NullValue";

/** @param pointer the place of the message in the request */
function refuseUnknown(pointer: string, number: number): never {
  const detail = {
    en: `has a field with the number ${number}, which this release does not know`,
    ko: `이 버전이 알지 못하는 ${number}번 필드가 있습니다`,
  };
  throw sharedError("VALIDATION_FAILED", { errors: [{ pointer, detail }] });
}

type Read = (message: Fields, pointer: string) => Fields;

/** How a field's value is read, with the schema of what it is, or what each of its values is. */
function valueReader(field: DescField, schema: JsonSchema): (value: never, pointer: string) => unknown {
  if (field.message?.typeName === VALUE) return (value) => toJson(field.message!, value);
  if (field.message) return readerOf(field.message, schema);
  return isWhole(field) ? Number : same;
}

/** Inputs are strict, so a field that is not known is refused: who sent it would think that it counts. */
function readerOf(desc: DescMessage, { properties = {}, required = [] }: JsonSchema): Read {
  const readers = desc.members.map((member): ((message: Fields, into: Fields, pointer: string) => void) => {
    const field = member.kind === "oneof" ? member.fields[0]! : member;
    const { jsonName: key, localName } = field;
    const { schema, isNullable } = presentIn(properties[key]!);
    const isRequired = required.includes(key);
    const read = valueReader(field, schema.items ?? mappedBy(schema) ?? schema);
    const at = (pointer: string) => `${pointer}/${key}`;
    if (member.kind === "oneof")
      return (message, into, pointer) => {
        const { case: chosen, value } = message[member.localName] as Alternative;
        if (chosen !== undefined) into[key] = chosen === localName ? read(value as never, at(pointer)) : null;
      };
    if (field.fieldKind === "list")
      return (message, into, pointer) => {
        const values = message[localName] as never[];
        if (values.length > 0 || isRequired)
          into[key] = values.map((value, index) => read(value, `${at(pointer)}/${index}`));
      };
    if (field.fieldKind === "map")
      return (message, into, pointer) => {
        const values = Object.entries(message[localName] as Record<string, never>);
        if (values.length > 0 || isRequired)
          into[key] = Object.fromEntries(values.map(([name, value]) => [name, read(value, `${at(pointer)}/${name}`)]));
      };
    return (message, into, pointer) => {
      const value = message[localName];
      if (value !== undefined) into[key] = read(value as never, at(pointer));
      else if (isRequired && isNullable) into[key] = null;
    };
  });
  return (message, pointer) => {
    const unknown = message["$unknown"] as { no: number }[] | undefined;
    if (unknown?.length) refuseUnknown(pointer, unknown[0]!.no);
    const into: Fields = {};
    for (const read of readers) read(message, into, pointer);
    return into;
  };
}

/** How a message that was read is the input of an action. @throws VALIDATION_FAILED for fields that it does not have */
export function inputOf(desc: DescMessage, schema: JsonSchema): (message: Message) => Fields {
  const read = readerOf(desc, schema);
  return (message) => read(message, "");
}

/** @throws MALFORMED_REQUEST for bytes that are no such message */
export function parserOf(desc: DescMessage): (bytes: Uint8Array) => Message {
  return (bytes) => {
    try {
      return fromBinary(desc, bytes);
    } catch {
      throw sharedError("MALFORMED_REQUEST");
    }
  };
}

type Write = (value: Fields) => unknown;
const writers = new WeakMap<DescMessage, Write>();

function valueWriter(field: DescField): Convert {
  const { message } = field;
  if (message?.typeName === VALUE) return (value) => fromJson(message, value);
  if (message) return (value) => writerOf(message)(value);
  return isWhole(field) ? (value) => BigInt(value) : same;
}

function written(field: DescField, write: Convert, value: unknown): unknown {
  if (field.fieldKind === "list") return (value as never[]).map(write);
  if (field.fieldKind === "map")
    return Object.fromEntries(Object.entries(value as Record<string, never>).map(([key, one]) => [key, write(one)]));
  return write(value as never);
}

/** What the descriptor does not know, as what a newer service adds to its answers, is left out. */
function writerOf(desc: DescMessage): Write {
  const known = writers.get(desc);
  if (known) return known;
  const fields = desc.fields.filter((field) => !saysNone(field)).map((field) => [field, valueWriter(field)] as const);
  const write: Write = (value) => {
    const init: Fields = {};
    for (const [field, convert] of fields) {
      const one = value[field.jsonName];
      const { oneof } = field;
      if (oneof) {
        if (one === null) init[oneof.localName] = { case: oneof.fields.find(saysNone)!.localName, value: 0 };
        else if (one !== undefined) init[oneof.localName] = { case: field.localName, value: convert(one as never) };
      } else if (one !== undefined && (one !== null || field.message?.typeName === VALUE))
        init[field.localName] = written(field, convert, one);
    }
    return create(desc, init);
  };
  writers.set(desc, write);
  return write;
}

/** For the answers of a method; what may be anything is one value, nothing is an empty message. */
export function outputOf(desc: DescMessage): (answer: unknown) => Message {
  if (desc.typeName === VALUE) return (answer) => fromJson(desc, (answer ?? null) as never);
  const write = writerOf(desc);
  return (answer) => write((answer ?? {}) as Fields) as Message;
}

export const bytesOf = (desc: DescMessage, message: Message): Buffer => {
  const bytes = toBinary(desc, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};
