/** HTTP requests exactly as a spec writes them, with nothing added to path, headers or body. */
import { once } from "node:events";
import { connect } from "node:net";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the answer is not JSON. */
  readonly body: { readonly [name: string]: unknown; readonly code?: string };
}

export type HttpRequest = [method: string, path: string, headers?: Readonly<Record<string, string>>, body?: string];

/** Sends a request; answers when all of the answer has come. */
export async function sendRequest(
  url: string,
  ...[method, path, headers = {}, body]: HttpRequest
): Promise<HttpAnswer> {
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  return { status: answer.status, headers: answer.headers, text, body: isJson && text ? JSON.parse(text) : {} };
}

/** Sends bytes that no HTTP client would send; answers all that comes until the server ends the connection. */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString())).on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}
