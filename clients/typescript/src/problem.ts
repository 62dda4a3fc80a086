/** What a call rejects with: a refusal as the gateway described it, or the loss of its answer. */
import type { ErrorCode } from "./codes.generated.ts";

/** What is wrong with one field of the input. */
export interface Violation {
  /** A JSON pointer (RFC 6901) to the field. */
  readonly pointer: string;
  readonly detail: string;
}

/** The body of a refusal (RFC 9457). Some refusals tell more, such as `productIds`. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  /** What the person, or the developer, can do about it. */
  readonly detail: string;
  readonly code: ErrorCode | (string & {});
  readonly traceId?: string;
  readonly errors?: readonly Violation[];
  readonly [more: string]: unknown;
}

/**
 * A refusal, with title and advice in the client's language.
 *
 * @example
 * if (isMadangError(error, "ORDER_OUT_OF_STOCK")) show(error.problem.detail);
 */
export class MadangError extends Error {
  override readonly name = "MadangError";
  readonly problem: Problem;
  /** Milliseconds after which asking again makes sense, where the gateway said so. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(`${problem.title} (${problem.code})`);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get code(): ErrorCode | (string & {}) {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** True for a refusal, with this code where one is named. */
export const isMadangError = (error: unknown, code?: ErrorCode): error is MadangError =>
  error instanceof MadangError && (code === undefined || error.code === code);

/** Seconds or a date (RFC 9110 section 10.2.3) in milliseconds. */
function delayIn(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  const delay = Number.isNaN(seconds) ? Date.parse(value) - Date.now() : seconds * 1000;
  return Number.isNaN(delay) ? undefined : Math.max(delay, 0);
}

/** The refusal in an answer; a proxy on the way may have sent a page instead of a problem. */
export async function refusalIn(response: Response): Promise<MadangError> {
  const text = await response.text();
  const fallback = { title: response.statusText, status: response.status, detail: text.slice(0, 500), code: "UNKNOWN" };
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  const problem = isProblem ? (JSON.parse(text) as Problem) : fallback;
  return new MadangError(problem, delayIn(response.headers.get("retry-after")));
}
