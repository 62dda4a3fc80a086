/** Every error says what a client can do about it: for each code its own, in both languages. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, kinds, sharedErrors } from "#core/errors.ts";
import { Problems } from "../../services/api/problem.ts";
import { contracts } from "../support/source.ts";

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
        const { body, headers } = problems.of(error, { ...occurrence, language });
        expect(JSON.parse(body)).toMatchObject({
          code,
          title: definition.title[language],
          detail: definition.advice[language],
        });
        expect(headers.includes("Retry-After")).toBe(retryable);
      }
      expect(problems.explain(code)).toMatchObject({ detail: definition.advice, retryable });
    },
  );
});
