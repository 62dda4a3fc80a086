/** Converts a failure into a problem document (RFC 9457), with the HTTP status and headers of its kind. */
import { type ErrorDefinition, type Kind, kinds } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import type { Problem } from "../gateway/problems.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export interface Occurrence {
  readonly language: Language;
  /** The path of the request. */
  readonly instance: string;
  readonly traceId: string;
}

export interface ProblemAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Errors have the numbers of HTTP statuses. */
export const statusOf = (kind: Kind): number => kinds[kind].code;

export function problemAnswer(problem: Problem, { language, instance, traceId }: Occurrence): ProblemAnswer {
  const { code, kind, title, detail, data, retryAfter } = problem;
  const status = statusOf(kind);
  const wait = retryAfter === undefined ? [] : ["Retry-After", String(retryAfter)];
  return {
    status,
    headers: [...challenge(kind, code), ...wait, "Content-Language", language],
    body: JSON.stringify({ ...data, type: `/problems/${code}`, title, status, detail, code, instance, traceId }),
  };
}

/** The page behind a problem's `type`. */
export const problemPage = (code: string, { kind, title, advice: detail }: ErrorDefinition): object => ({
  code,
  status: statusOf(kind),
  title,
  detail,
  retryable: kinds[kind].retryable,
});

/** RFC 6750 section 3. */
const challenge = (kind: Kind, code: string): readonly string[] =>
  kind !== "unauthenticated"
    ? []
    : [
        "WWW-Authenticate",
        code === "UNAUTHENTICATED" ? 'Bearer realm="madang"' : 'Bearer realm="madang", error="invalid_token"',
      ];
