/** A failure as a gRPC status, with the details by which clients know it: those of google.rpc (AIP-193). */
import { Metadata, status as Code, type StatusObject } from "@grpc/grpc-js";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Kind } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import type { Problem } from "#mixins/gateway/problems.ts";
import { snake } from "./proto.model.ts";

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

type Fill = (writer: BinaryWriter) => void;

const text = (writer: BinaryWriter, number: number, value: string): BinaryWriter =>
  writer.tag(number, WireType.LengthDelimited).string(value);

function nested(writer: BinaryWriter, number: number, fill: Fill): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
}

/** A google.protobuf.Any. */
const detail = (name: string, fill: Fill): Fill => {
  const value = new BinaryWriter();
  fill(value);
  return (writer) =>
    text(writer, 1, `type.googleapis.com/google.rpc.${name}`).tag(2, WireType.LengthDelimited).bytes(value.finish());
};

const entry =
  (key: string, value: unknown): Fill =>
  (writer) => {
    text(writer, 1, key);
    text(writer, 2, typeof value === "string" ? value : JSON.stringify(value));
  };

/** What the error tells beyond its reason stands in `metadata`, as text. */
const errorInfo = (reason: string, data: object): Fill =>
  detail("ErrorInfo", (writer) => {
    text(writer, 1, reason);
    text(writer, 2, DOMAIN);
    for (const [key, value] of Object.entries(data)) if (value !== undefined) nested(writer, 3, entry(key, value));
  });

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

const badRequest = (violations: readonly Violation[]): Fill =>
  detail("BadRequest", (writer) => {
    for (const { pointer, detail: description } of violations)
      nested(writer, 1, (violation) => text(text(violation, 1, fieldPath(pointer)), 2, description));
  });

const retryInfo = (seconds: number): Fill =>
  detail("RetryInfo", (writer) =>
    nested(writer, 1, (duration) => void duration.tag(1, WireType.Varint).int64(Math.ceil(seconds))),
  );

const localizedMessage = (language: Language, message: string): Fill =>
  detail("LocalizedMessage", (writer) => void text(text(writer, 1, language), 2, message));

const inWords = ({ title, detail: advice }: Problem): string => `${title}. ${advice}`;

/** A google.rpc.Status. */
function statusBytes(code: Code, message: string, details: readonly Fill[]): Buffer {
  const writer = new BinaryWriter();
  text(writer.tag(1, WireType.Varint).int32(code), 2, message);
  for (const fill of details) nested(writer, 3, fill);
  return Buffer.from(writer.finish());
}

/**
 * @param problem in English, as those who write programs read it
 * @param told the same in the language of the person who sits before the program, if that is known
 */
export function statusOf(problem: Problem, told: Problem, language: Language | undefined): StatusObject {
  const { code: reason, kind, retryAfter } = problem;
  const code = codeOf[kind];
  const { errors = [], ...data } = (told.data ?? {}) as { errors?: readonly Violation[] };
  const details = [
    errorInfo(reason, data),
    ...(errors.length > 0 ? [badRequest(errors)] : []),
    ...(retryAfter === undefined ? [] : [retryInfo(retryAfter)]),
    ...(language === undefined ? [] : [localizedMessage(language, inWords(told))]),
  ];
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", statusBytes(code, inWords(problem), details));
  return { code, details: inWords(problem), metadata };
}
