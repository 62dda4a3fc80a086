/** What is wrong with a value, as people write it; TypeBox's own sentences speak of schemas. */
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
  // After a vowel the verb is shorter.
  const isShort = /(?:정수|숫자|객체|false)$/.test(ko);
  return { en: `must be ${names.map((one) => one.en).join(" or ")}`, ko: `${ko}${isShort ? "여야" : "이어야"} 합니다` };
}

const words: Readonly<Record<string, (params: Params) => Sentence>> = {
  type: ({ type }) => ofType(type),
  required: ({ requiredProperties: names }) => ({
    en: `must have ${listed(names)}`,
    ko: `필수 항목이 없습니다: ${listed(names)}`,
  }),
  additionalProperties: ({ additionalProperties: names }) => ({
    en: `must not have ${listed(names)}`,
    ko: `사용할 수 없는 항목입니다: ${listed(names)}`,
  }),
  const: ({ allowedValue: value }) => ({ en: `must be ${listed(value)}`, ko: `${listed(value)}만 사용할 수 있습니다` }),
  enum: ({ allowedValues: values }) => ({
    en: `must be one of ${listed(values)}`,
    ko: `다음 중 하나를 보내 주세요: ${listed(values)}`,
  }),
  anyOf: () => ({ en: "has no shape that is allowed here", ko: "사용할 수 없는 형태입니다" }),
  minimum: ({ limit }) => ({ en: `must be ${String(limit)} or more`, ko: `${String(limit)} 이상으로 입력해 주세요` }),
  maximum: ({ limit }) => ({ en: `must be ${String(limit)} or less`, ko: `${String(limit)} 이하로 입력해 주세요` }),
  exclusiveMinimum: ({ limit }) => ({
    en: `must be more than ${String(limit)}`,
    ko: `${String(limit)}보다 큰 값을 입력해 주세요`,
  }),
  exclusiveMaximum: ({ limit }) => ({
    en: `must be less than ${String(limit)}`,
    ko: `${String(limit)}보다 작은 값을 입력해 주세요`,
  }),
  multipleOf: ({ multipleOf: step }) => ({
    en: `must be a multiple of ${String(step)}`,
    ko: `${String(step)}의 배수여야 합니다`,
  }),
  minLength: ({ limit }) =>
    limit === 1
      ? { en: "must not be empty", ko: "값을 입력해 주세요" }
      : { en: `must have at least ${english(limit, "character")}`, ko: `${String(limit)}자 이상 입력해 주세요` },
  maxLength: ({ limit }) => ({
    en: `must have at most ${english(limit, "character")}`,
    ko: `${String(limit)}자까지 입력할 수 있습니다`,
  }),
  minItems: ({ limit }) => ({
    en: `must have at least ${english(limit, "item")}`,
    ko: `${String(limit)}개 이상 보내 주세요`,
  }),
  maxItems: ({ limit }) => ({
    en: `must have at most ${english(limit, "item")}`,
    ko: `최대 ${String(limit)}개까지 보낼 수 있습니다`,
  }),
  minProperties: ({ limit }) => ({
    en: `must have at least ${english(limit, "field")}`,
    ko: `항목을 ${String(limit)}개 이상 보내 주세요`,
  }),
  maxProperties: ({ limit }) => ({
    en: `must have at most ${english(limit, "field")}`,
    ko: `항목을 최대 ${String(limit)}개까지 보낼 수 있습니다`,
  }),
  not: () => ({ en: "must be another value", ko: "다른 값을 입력해 주세요" }),
  uniqueItems: () => ({ en: "must not have the same item twice", ko: "같은 항목이 중복되어 있습니다" }),
  format: ({ format }) =>
    format === "uuid"
      ? { en: "must be a UUID", ko: "UUID 형식으로 입력해 주세요" }
      : { en: `must be written as ${String(format)}`, ko: `${String(format)} 형식으로 입력해 주세요` },
  pattern: ({ pattern }) => ({
    en: `must match ${String(pattern)}`,
    ko: `형식에 맞게 입력해 주세요: ${String(pattern)}`,
  }),
};

const unknown: Sentence = { en: "is not valid", ko: "올바르지 않은 값입니다" };

/** @param keyword of JSON Schema that the value does not meet, with what TypeBox tells of it */
export const wordsFor = (keyword: string, params: Params): Sentence => words[keyword]?.(params) ?? unknown;
