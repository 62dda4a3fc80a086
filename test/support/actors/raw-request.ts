/** Sends a request as it stands, where `fetch` would put it right first. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { GeneratedRequest } from "../fixtures/generated-requests.ts";
import type { AllServices } from "../systems/all-services.ts";

const agent = new Agent({ keepAlive: true });

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

export async function send(
  allServices: AllServices,
  { method, url, headers, body }: GeneratedRequest,
  token?: string,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // Node gives the body of a DELETE no length, so that it would pass for another request.
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { agent, method, path: url, headers: { ...authorization, ...headers, ...length } };
  const { hostname, port } = new URL(allServices.url);
  const sent = request({ hostname, port, ...options }, resolve).on("error", reject);
  sent.end(body);
  const answer = await promise;
  const type = answer.headers["content-type"] ?? "";
  if (type.startsWith("text/event-stream")) {
    answer.destroy();
    return { status: answer.statusCode!, type, headers: answer.headers, body: undefined };
  }
  const text = Buffer.concat(await answer.toArray()).toString();
  return {
    status: answer.statusCode!,
    type,
    headers: answer.headers,
    body: type.includes("json") ? JSON.parse(text) : text,
  };
}
