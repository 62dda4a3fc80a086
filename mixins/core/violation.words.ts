/** Describes violations in words that people use. TypeBox's own sentences speak of schemas. */
import { COUNTRY_PATTERN } from "./schema.ts";
import type { Sentence } from "./text.ts";

type Params = Readonly<Record<string, unknown>>;

const types: Readonly<Record<string, Sentence>> = {
  string: { en: "text", ko: "문자열" },
  integer: { en: "an integer", ko: "정수" },
  number: { en: "a number", ko: "숫자" },
  boolean: { en: "true or false", ko: "true 또는 false" },
  object: { en: "an object", ko: "객체" },
  array: { en: "a list", ko: "배열" },
  null: { en: "null", ko: "null" },
};

const listed = (values: unknown): string => (Array.isArray(values) ? values.map(String).join(", ") : String(values));
const english = (count: unknown, noun: string): string => `${String(count)} ${noun}${count === 1 ? "" : "s"}`;

function ofType(type: unknown): Sentence {
  const names = [type].flat().map((one) => types[String(one)] ?? { en: String(one), ko: String(one) });
  const ko = names.map((one) => one.ko).join(" 또는 ");
  // Korean shortens 이어야 to 여야 after a vowel.
  const isShort = /(?:정수|숫자|객체|false)$/.test(ko);
  return { en: `must be ${names.map((one) => one.en).join(" or ")}`, ko: `${ko}${isShort ? "여야" : "이어야"} 합니다` };
}

const words: Readonly<Record<string, (params: Params) => Sentence>> = {
  type: ({ type }) => ofType(type),
  required: ({ requiredProperties: names }) => ({
    en: `must have ${listed(names)}`,
    ko: `필수 항목입니다: ${listed(names)}`,
  }),
  additionalProperties: ({ additionalProperties: names }) => ({
    en: `must not have ${listed(names)}`,
    ko: `알 수 없는 항목입니다: ${listed(names)}`,
  }),
  const: ({ allowedValue: value }) => ({ en: `must be ${listed(value)}`, ko: `${listed(value)}만 사용할 수 있습니다` }),
  enum: ({ allowedValues: values }) => ({
    en: `must be one of ${listed(values)}`,
    ko: `다음 중 하나여야 합니다: ${listed(values)}`,
  }),
  anyOf: () => ({ en: "has no shape that is allowed here", ko: "허용되지 않는 형식입니다" }),
  minimum: ({ limit }) => ({ en: `must be ${String(limit)} or more`, ko: `${String(limit)} 이상이어야 합니다` }),
  maximum: ({ limit }) => ({ en: `must be ${String(limit)} or less`, ko: `${String(limit)} 이하여야 합니다` }),
  exclusiveMinimum: ({ limit }) => ({
    en: `must be more than ${String(limit)}`,
    ko: `${String(limit)}보다 커야 합니다`,
  }),
  exclusiveMaximum: ({ limit }) => ({
    en: `must be less than ${String(limit)}`,
    ko: `${String(limit)}보다 작아야 합니다`,
  }),
  multipleOf: ({ multipleOf: step }) => ({
    en: `must be a multiple of ${String(step)}`,
    ko: `${String(step)}의 배수여야 합니다`,
  }),
  minLength: ({ limit }) =>
    limit === 1
      ? { en: "must not be empty", ko: "값을 입력해 주세요" }
      : { en: `must have at least ${english(limit, "character")}`, ko: `${String(limit)}자 이상이어야 합니다` },
  maxLength: ({ limit }) => ({
    en: `must have at most ${english(limit, "character")}`,
    ko: `${String(limit)}자 이하여야 합니다`,
  }),
  minItems: ({ limit }) => ({
    en: `must have at least ${english(limit, "item")}`,
    ko: `${String(limit)}개 이상이어야 합니다`,
  }),
  maxItems: ({ limit }) => ({
    en: `must have at most ${english(limit, "item")}`,
    ko: `${String(limit)}개 이하여야 합니다`,
  }),
  minProperties: ({ limit }) => ({
    en: `must have at least ${english(limit, "field")}`,
    ko: `항목이 ${String(limit)}개 이상이어야 합니다`,
  }),
  maxProperties: ({ limit }) => ({
    en: `must have at most ${english(limit, "field")}`,
    ko: `항목이 ${String(limit)}개 이하여야 합니다`,
  }),
  not: () => ({ en: "must be another value", ko: "사용할 수 없는 값입니다" }),
  uniqueItems: () => ({ en: "must not have the same item twice", ko: "중복된 항목이 있습니다" }),
  format: ({ format }) =>
    format === "uuid"
      ? { en: "must be a UUID", ko: "올바른 UUID가 아닙니다" }
      : { en: `must be written as ${String(format)}`, ko: `${String(format)} 형식이어야 합니다` },
  pattern: ({ pattern }) =>
    pattern === COUNTRY_PATTERN
      ? { en: "must be a country code of two letters, such as KR", ko: "두 글자 국가 코드여야 합니다(예: KR)" }
      : { en: `must match ${String(pattern)}`, ko: `형식이 올바르지 않습니다: ${String(pattern)}` },
};

const unknown: Sentence = { en: "is not valid", ko: "올바르지 않은 값입니다" };

/** @param keyword of JSON Schema that the value does not meet; TypeBox gives the parameters */
export const wordsFor = (keyword: string, params: Params): Sentence => words[keyword]?.(params) ?? unknown;
