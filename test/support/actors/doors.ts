/** The ways in which a person can ask for an action: each asks as its protocol does, and tells the outcome in one word or two. */
import { status } from "@grpc/grpc-js";
import { newId } from "#core/id.ts";
import type { ActionDefinition } from "#core/contract.ts";
import { kinds, type SharedErrorCode, sharedErrors } from "#core/errors.ts";
import type { JsonSchema } from "#core/schema.ts";
import { isOffered as isMethod } from "../../../services/grpc/proto.model.ts";
import { codeOf } from "../../../services/grpc/status.ts";
import { isOffered as isTool, toolName } from "../../../services/mcp/offer.ts";
import type { RouteRequest } from "../fixtures/route-case.ts";
import { contracts } from "../fixtures/source.ts";
import type { AllServices } from "../systems/all-services.ts";
import { type Failure, failureOf, GrpcClient } from "./grpc-client.ts";

/** An action of a contract. */
export interface Asked {
  readonly service: string;
  readonly action: string;
  readonly definition: ActionDefinition;
  /** Of its success over HTTP. */
  readonly status: number;
}

export interface Door {
  readonly name: string;
  /** Whether the action can be asked for there at all. */
  readonly offers: (asked: Asked) => boolean;
  /** A token that is not good is refused also where none is needed. */
  readonly refusesBadTokens: boolean;
  /** @param refusal the code with which the contract promises to refuse; undefined for a success */
  promise(asked: Asked, refusal: SharedErrorCode | undefined): string;
  ask(services: AllServices, asked: Asked, request: RouteRequest, token: string | undefined): Promise<string>;
}

const DONE = "done";
/** There is no such method or tool, whoever asks. */
const ABSENT = "absent";

const bearer = (token: string | undefined) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

/** Fields that HTTP alone brings in headers. */
const inHeaders = ({ inHeader = {} }: ActionDefinition, headers: RouteRequest["headers"] = {}): object =>
  Object.fromEntries(Object.entries(inHeader).map(([field, header]) => [field, headers[header.toLowerCase()]]));

/** The input of an action, whatever protocol brings it. */
function inputOf({ definition }: Asked, { path = {}, body, headers }: RouteRequest): object {
  const given: object = definition.raw
    ? { ...path, body, headers: headers ?? {} }
    : { ...path, ...(body as object | undefined), ...inHeaders(definition, headers) };
  const known = (definition.input as JsonSchema).properties ?? {};
  // A path has texts alone; only HTTP reads numbers in them.
  const typed = (name: string, value: unknown) =>
    known[name]!.type === "integer" && name in path ? Number(value) : value;
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (name in known ? [[name, typed(name, value)]] : [])),
  );
}

const http: Door = {
  name: "HTTP",
  offers: ({ definition }) => definition.rest !== undefined,
  refusesBadTokens: false,
  promise: ({ status }, refusal) =>
    refusal === undefined ? `${status}` : `${kinds[sharedErrors[refusal].kind].code} ${refusal}`,
  async ask({ url }, { definition: { rest = "", raw } }, { path = {}, body, headers }, token) {
    const [method, pattern] = rest.split(" ") as [string, string];
    const leave = new AbortController();
    const answer = await fetch(`${url}/api/v1${pattern.replaceAll(/:(\w+)/g, (_, name: string) => path[name]!)}`, {
      method,
      signal: leave.signal,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": newId() } : {}),
        ...bearer(token),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json");
    const code = isProblem ? ((await answer.json()) as { code: string }).code : undefined;
    // A live stream would go on for ever.
    if (!isProblem) leave.abort();
    return code === undefined ? `${answer.status}` : `${answer.status} ${code}`;
  },
};

/** A call in a node, past all gateways. */
const broker: Door = {
  name: "the broker",
  offers: () => true,
  refusesBadTokens: false,
  promise: (_, refusal) => refusal ?? DONE,
  ask: (services, asked, request, accessToken) =>
    services.broker
      .call(`${asked.service}.${asked.action}`, inputOf(asked, request), {
        meta: { accessToken },
        headers: { "idempotency-key": newId() },
      })
      .then(
        () => DONE,
        ({ type }: { type: string }) => type,
      ),
};

interface Told {
  readonly error?: { readonly message: string };
  readonly result?: { readonly isError?: boolean; readonly content: readonly { readonly text: string }[] };
  /** Of a problem. */
  readonly code?: string;
  readonly confirmation?: string;
}

async function callTool(url: string, name: string, input: object, token: string | undefined): Promise<Told> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...bearer(token),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: input } }),
  });
  const text = await answer.text();
  const isStream = answer.headers.get("content-type") === "text/event-stream";
  const told = JSON.parse(isStream ? text.slice(text.indexOf("data: ") + "data: ".length) : text) as Told;
  return told.result?.isError ? (JSON.parse(told.result.content[0]!.text) as Told) : told;
}

const mcp: Door = {
  name: "MCP",
  offers: ({ definition }) => isTool(definition),
  refusesBadTokens: true,
  promise: ({ definition }, refusal) =>
    isTool(definition) || refusal?.startsWith("TOKEN_") ? (refusal ?? DONE) : ABSENT,
  async ask(services, asked, request, token) {
    const name = toolName({ name: asked.service, version: 1 }, asked.action);
    const input = inputOf(asked, request);
    const first = await callTool(services.mcpUrl, name, input, token);
    const { confirmation } = first;
    const told = confirmation ? await callTool(services.mcpUrl, name, { ...input, confirmation }, token) : first;
    if (told.error?.message === `Unknown tool: ${name}`) return ABSENT;
    return told.code ?? (told.result ? DONE : JSON.stringify(told));
  },
};

const pascal = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** One for all calls to the same services. It has nothing to close once they have stopped. */
const clients = new WeakMap<AllServices, GrpcClient>();
function clientOf(services: AllServices): GrpcClient {
  const known = clients.get(services) ?? new GrpcClient(services.grpcAddress);
  clients.set(services, known);
  return known;
}

const grpc: Door = {
  name: "gRPC",
  offers: ({ service, definition }) => isMethod(definition) && !contracts.get(service)!.gateway,
  refusesBadTokens: false,
  promise(asked, refusal) {
    if (!grpc.offers(asked)) return ABSENT;
    return refusal === undefined ? DONE : `${status[codeOf[sharedErrors[refusal].kind]]} ${refusal}`;
  },
  async ask(services, asked, request, token) {
    const client = clientOf(services);
    const path = `/madang.${asked.service}.v1.${pascal(asked.service)}Service/${pascal(asked.action)}`;
    if (!client.methods.includes(path)) {
      const code = await client.send(path, Buffer.alloc(0));
      return code === status.UNIMPLEMENTED ? ABSENT : status[code];
    }
    const failure = await outcomeOf(client, path, asked, inputOf(asked, request), token);
    return failure ? `${failure.code} ${failure.reason}` : DONE;
  },
};

/** Null for a success. A live stream has succeeded when something came, and would go on for ever. */
async function outcomeOf(
  client: GrpcClient,
  path: string,
  { definition }: Asked,
  input: object,
  token: string | undefined,
): Promise<Failure | null> {
  const sent = { token, metadata: { "idempotency-key": newId() } };
  if (!definition.live)
    return client.call(path, input, sent).then(
      () => null,
      (error) => failureOf(error),
    );
  const stream = client.follow<object>(path, input, sent);
  const outcome = await Promise.race([stream.begun.then(() => null), stream.ended]);
  stream.leave();
  return outcome;
}

/** Whoever adds a gateway adds its door here: the matrix of authorization then holds for it as well. */
export const doors: readonly Door[] = [http, broker, mcp, grpc];
