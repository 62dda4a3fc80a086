/** Every error says what a client can do about it: for each code its own, in both languages. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, kinds, sharedErrors } from "#core/errors.ts";
import { wordsFor } from "#core/violation.words.ts";
import { Problems } from "#mixins/gateway/problems.ts";
import { problemAnswer, problemPage } from "#mixins/http/problem.ts";
import { contracts } from "../support/fixtures/source.ts";

const own = [...contracts.values()].flatMap(({ name, errors = {} }) =>
  Object.entries(errors).map(([code, one]) => [errorCode(name, code), one] as const),
);
const all: readonly (readonly [code: string, definition: ErrorDefinition])[] = [
  ...new Map<string, ErrorDefinition>([...own, ...Object.entries(sharedErrors)]),
];
const occurrence = { instance: "/", traceId: "1" };

describe("advice", () => {
  it.each(all)("of %s is plain English and polite Korean", (_, { title, advice }) => {
    expect(advice.en).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
    expect(advice.ko).toMatch(/[가-힣]/);
    expect(advice.ko).toMatch(/(?:니다|요)\.$/);
    expect(advice.en).not.toBe(`${title.en}.`);
    expect(advice.ko).not.toBe(`${title.ko}.`);
  });

  it.each(["en", "ko"] as const)("is no other code's by accident (%s)", (language) => {
    const codes = Map.groupBy(all, ([, { advice }]) => advice[language]);
    const shared = [...codes].filter(([, those]) => those.length > 1).map(([, those]) => those.map(([code]) => code));
    expect(shared).toEqual([]);
  });

  it.each(all)(
    "of %s is what a problem's detail and its page say, and Retry-After means that it may be retried",
    (code, definition) => {
      const problems = new Problems();
      problems.learn(
        [...contracts.values()].map(({ name, errors = {} }) => ({
          name,
          version: 1,
          summary: "",
          errors,
          actions: {},
        })),
      );
      const { retryable } = kinds[definition.kind];
      for (const language of ["en", "ko"] as const) {
        const error = { type: code, data: { retryAfter: 1 } };
        const { body, headers } = problemAnswer(problems.of(error, language), { ...occurrence, language });
        expect(JSON.parse(body)).toMatchObject({
          code,
          title: definition.title[language],
          detail: definition.advice[language],
        });
        expect(headers.includes("Retry-After")).toBe(retryable);
      }
      expect(problemPage(code, problems.explain(code)!)).toMatchObject({ detail: definition.advice, retryable });
    },
  );
});

/** Every keyword of a schema that can refuse a value, with what it says. */
function* keywordsOf(schema: unknown): Iterable<readonly [keyword: string, limit: unknown]> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [name, value] of Object.entries(schema)) {
    if (["properties", "patternProperties"].includes(name))
      for (const inner of Object.values(value as object)) yield* keywordsOf(inner);
    else if (["items", "anyOf", "allOf"].includes(name)) for (const inner of [value].flat()) yield* keywordsOf(inner);
    else if (!["title", "description", "default", "examples", "contentEncoding"].includes(name)) yield [name, value];
  }
}

const said = [...contracts.values()].flatMap(({ actions }) =>
  Object.values(actions).flatMap(({ input }) => [...keywordsOf(JSON.parse(JSON.stringify(input)))]),
);
const limits = [...new Map(said.map((one) => [JSON.stringify(one), one])).values()];

it.each(limits)("says in words that a value is against %s %j", (keyword, limit) => {
  const names = {
    requiredProperties: limit,
    additionalProperties: ["extra"],
    allowedValues: limit,
    allowedValue: limit,
  };
  const { en, ko } = wordsFor(keyword, {
    limit,
    type: limit,
    format: limit,
    pattern: limit,
    multipleOf: limit,
    ...names,
  });
  expect(en).not.toBe(wordsFor("unheard-of", {}).en);
  expect(en).toMatch(/^(?:must|has) [^\n]+[^.]$/);
  expect(ko).toMatch(/(?:니다|주세요)(?:: .+|\(예: .+\))?$/);
  expect(`${en} ${ko}`).not.toMatch(/schema|스키마|undefined|object Object|이\(가\)|을\(를\)|[<>]=/);
});
