/** Turns the answer or the failure of an action into a result of MCP. */
import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
} from "@modelcontextprotocol/server";
import type { ActionDefinition } from "#core/contract.ts";
import type { Problem } from "#mixins/gateway/problems.ts";

const text = (words: string) => ({ type: "text", text: words }) as const;

const isObject = (answer: unknown): answer is Record<string, unknown> =>
  typeof answer === "object" && answer !== null && !Array.isArray(answer);

/** The answer for programs, and the same as text for models. */
export const toolResult = (answer: unknown): CallToolResult =>
  isObject(answer)
    ? { content: [text(JSON.stringify(answer))], structuredContent: answer }
    : { content: [text(answer == null ? "Done." : JSON.stringify(answer))] };

/** What the client learns of a failure: the same as over HTTP. */
const told = ({ code, title, detail, data, retryAfter }: Problem, traceId: string): object => ({
  ...data,
  code,
  title,
  detail,
  ...(retryAfter !== undefined && { retryAfter }),
  traceId,
});

/** A failure that the model reads, so that it can do something about it. */
export const toolFailure = (problem: Problem, traceId: string): CallToolResult => ({
  content: [text(JSON.stringify(told(problem, traceId)))],
  isError: true,
});

/** A file as its bytes, anything else as JSON. */
export const resourceContents = (uri: string, { file }: Pick<ActionDefinition, "file">, answer: unknown) =>
  file === undefined
    ? { uri, mimeType: "application/json", text: JSON.stringify(answer) }
    : { uri, mimeType: file, blob: (answer as { content: string }).content };

/** Resources have no result for failures: the host's program gets a protocol error. */
export function resourceFailure(uri: string, problem: Problem, traceId: string): ProtocolError {
  const { code, kind, title, detail } = problem;
  const message = `${title} (${code}). ${detail}`;
  if (kind === "notFound") return new ResourceNotFoundError(uri, message);
  const isOurs = kind === "internal" || kind === "unavailable" || kind === "timeout";
  const number = isOurs ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
  return new ProtocolError(number, message, told(problem, traceId));
}
