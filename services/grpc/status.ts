/** A failure as a gRPC status, with the details by which clients know it: those of google.rpc (AIP-193). */
import { status as Code } from "@grpc/grpc-js";
import type { DescMessage } from "@bufbuild/protobuf";
import type { Kind } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import type { Problem } from "#mixins/gateway/problems.ts";
import { snake } from "./proto.model.ts";
import { rpc } from "./standard.descriptors.ts";

export const codeOf: Readonly<Record<Kind, Code>> = {
  malformed: Code.INVALID_ARGUMENT,
  validation: Code.INVALID_ARGUMENT,
  unsupportedMedia: Code.INVALID_ARGUMENT,
  incomplete: Code.INVALID_ARGUMENT,
  timeout: Code.DEADLINE_EXCEEDED,
  notFound: Code.NOT_FOUND,
  forbidden: Code.PERMISSION_DENIED,
  rateLimited: Code.RESOURCE_EXHAUSTED,
  tooLarge: Code.RESOURCE_EXHAUSTED,
  headersTooLarge: Code.RESOURCE_EXHAUSTED,
  refused: Code.FAILED_PRECONDITION,
  paymentRefused: Code.FAILED_PRECONDITION,
  conflict: Code.ABORTED,
  stale: Code.ABORTED,
  inProgress: Code.ABORTED,
  methodNotAllowed: Code.UNIMPLEMENTED,
  notImplemented: Code.UNIMPLEMENTED,
  internal: Code.INTERNAL,
  unavailable: Code.UNAVAILABLE,
  unauthenticated: Code.UNAUTHENTICATED,
};

/** Which `google.rpc.ErrorInfo.reason` is unique within. */
const DOMAIN = "madang";

interface Detail {
  readonly desc: DescMessage;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A google.rpc.Status. */
export interface Failure {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly Detail[];
}

/** What the error tells beyond its reason stands in `metadata`, as text. */
function errorInfo(reason: string, data: object): Detail {
  const told = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const);
  return { desc: rpc.ErrorInfo, value: { reason, domain: DOMAIN, metadata: Object.fromEntries(told) } };
}

/** `/items/0/productId` as the path of a field: `items[0].product_id`. */
const fieldPath = (pointer: string): string =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce(
      (path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : `${path === "" ? "" : `${path}.`}${snake(part)}`),
      "",
    );

interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

const badRequest = (violations: readonly Violation[]): Detail => ({
  desc: rpc.BadRequest,
  value: {
    fieldViolations: violations.map(({ pointer, detail }) => ({ field: fieldPath(pointer), description: detail })),
  },
});

const retryInfo = (seconds: number): Detail => ({
  desc: rpc.RetryInfo,
  value: { retryDelay: { seconds: BigInt(Math.ceil(seconds)) } },
});

const inWords = ({ title, detail: advice }: Problem): string => `${title}. ${advice}`;

/**
 * @param problem in English, as those who write programs read it
 * @param told the same in the language of the person who sits before the program, if that is known
 */
export function statusOf(problem: Problem, told: Problem, language: Language | undefined): Failure {
  const { code: reason, kind, retryAfter } = problem;
  const { errors = [], ...data } = (told.data ?? {}) as { errors?: readonly Violation[] };
  return {
    code: codeOf[kind],
    message: inWords(problem),
    details: [
      errorInfo(reason, data),
      ...(errors.length > 0 ? [badRequest(errors)] : []),
      ...(retryAfter === undefined ? [] : [retryInfo(retryAfter)]),
      ...(language === undefined
        ? []
        : [{ desc: rpc.LocalizedMessage, value: { locale: language, message: inWords(told) } }]),
    ],
  };
}
