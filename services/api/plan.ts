/** The way of a request to its action and back, prepared once per route. */
import type { IncomingHttpHeaders } from "node:http";
import type { CallingOptions, ServiceBroker } from "moleculer";
import { holdsCardNumber } from "#core/card.ts";
import type { Access, ActionDefinition } from "#core/contract.ts";
import type { Caller, Meta } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import type { Tokens } from "#mixins/node/tokens.ts";
import { type Accept, acceptor } from "#core/validation.ts";
import { authorize } from "#mixins/middlewares/auth.middleware.ts";
import type { Accepted } from "#mixins/middlewares/contract.middleware.ts";
import { clientAddress } from "./address.ts";
import type { Admission } from "./admission.ts";
import { isOfRelease } from "./announced.ts";
import { config } from "./api.config.ts";
import { readJson, readText } from "./body.ts";
import { type Described, type KeyRule, keyRuleOf, type RestRoute, takesBody } from "./catalogue.ts";
import type { Exchange } from "./exchange.ts";
import { InputReader } from "./input.ts";
import type { LiveItems, LiveStreams } from "./live.ts";
import { guardOf } from "./precondition.ts";
import { REPLAYED, responseOf } from "./response.ts";
import { bodyLimit } from "./size.ts";

/** What all plans share. */
export interface Edge {
  readonly broker: ServiceBroker;
  readonly tokens: Tokens;
  readonly admission: Admission;
  readonly live: LiveStreams;
}

/** Serves a request. @throws whatever the client must be told as a problem */
export type Plan = (exchange: Exchange, values: readonly string[]) => Promise<void>;

type Options = CallingOptions & Accepted & { meta: Meta };

const BEARER = /^bearer +([\w~+/.-]+=*)$/i;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws TOKEN_INVALID when there is something else than a bearer token */
function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  if (authorization === undefined) return undefined;
  const found = BEARER.exec(authorization);
  if (!found) throw sharedError("TOKEN_INVALID");
  return found[1];
}

/** @throws IDEMPOTENCY_KEY_REQUIRED when there is none, or none that can be one: keys are kept, so none is a card number */
function idempotencyKey(headers: IncomingHttpHeaders, rule: KeyRule): string | undefined {
  const key = headers["idempotency-key"];
  if (rule === "none" || (rule === "optional" && key === undefined)) return undefined;
  if (typeof key === "string" && IDEMPOTENCY_KEY.test(key) && !holdsCardNumber(key)) return key;
  throw sharedError("IDEMPOTENCY_KEY_REQUIRED");
}

function callingOptions({ trace, language }: Exchange, token: string | undefined, key: string | undefined): Options {
  const { traceId, parent } = trace;
  const meta: Meta = {};
  if (token !== undefined) meta.accessToken = token;
  if (language !== undefined) meta.language = language;
  const options: Options = { requestID: traceId, meta };
  if (parent) options.parentSpan = { id: parent.id, traceID: traceId, sampled: parent.sampled };
  if (key !== undefined) options.headers = { "idempotency-key": key };
  return options;
}

const textHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

interface Admitted {
  readonly token: string | undefined;
  readonly caller: Caller | undefined;
}

const nobody: Admitted = { token: undefined, caller: undefined };

/**
 * Who asks. On a public route a token that is not good counts for nothing: it is not needed there, and who reads should
 * not have to throw it away first.
 * @throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED
 */
async function callerOf(tokens: Tokens, headers: IncomingHttpHeaders, auth: Access): Promise<Admitted> {
  try {
    const token = bearerToken(headers)!;
    return { token, caller: tokens.known(token) ?? (await tokens.person(token)) };
  } catch (error) {
    if (auth === "public") return nobody;
    throw error;
  }
}

/**
 * Counts a request against its limits, and finds out who asks.
 * @throws RATE_LIMITED, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_ENDED, UNAUTHENTICATED, FORBIDDEN
 */
export async function admit(
  { admission, tokens }: Edge,
  exchange: Exchange,
  auth: Access,
  limit: number | undefined,
): Promise<Admitted> {
  const claims = admission.address(exchange, limit);
  const { headers } = exchange.req;
  const asking = headers.authorization === undefined ? nobody : await callerOf(tokens, headers, auth);
  const admitted = admission.admit(exchange, claims, asking.caller?.id ?? null);
  if (admitted) await admitted;
  authorize(auth, asking.caller);
  return asking;
}

/** Names and values in turn: since when a route is deprecated (RFC 9745), and when it will be gone (RFC 8594). */
export function deprecation({ deprecated }: Pick<ActionDefinition, "deprecated">): readonly string[] {
  if (!deprecated) return [];
  const { since, sunset } = deprecated;
  const headers = ["Deprecation", `@${Date.parse(since) / 1000}`];
  if (sunset) headers.push("Sunset", new Date(sunset).toUTCString());
  return headers;
}

type ReadInput = (exchange: Exchange, values: readonly string[]) => Promise<unknown> | unknown;

/**
 * How this route's input is put together from the request. It is checked here as well as in the service, so that nothing goes
 * to other nodes that they would only refuse.
 */
function inputOf({ method, path }: RestRoute, definition: ActionDefinition, accept: Accept): ReadInput {
  const { input, raw } = definition;
  const reader = new InputReader(path, input, !takesBody(method) && !raw);
  if (method === "GET") return (exchange, values) => accept(reader.read(values, exchange.query), exchange.language);
  const limit = bodyLimit(definition);
  const parts: ReadInput = raw
    ? async ({ req }, values) => ({
        ...(reader.read(values, "") as object),
        headers: textHeaders(req.headers),
        body: await readText(req, limit),
      })
    : async ({ req, query }, values) => reader.read(values, query, await readJson(req, limit));
  return async (exchange, values) => accept(await parts(exchange, values), exchange.language);
}

/** Prepares the route of an action. */
export function planOf(
  edge: Edge,
  service: Described,
  action: string,
  route: RestRoute,
  definition: ActionDefinition,
): Plan {
  const { broker } = edge;
  const { auth, limit, live } = definition;
  const target = `v${service.version}.${service.name}`;
  const name = `${target}.${action}`;
  const label = `${route.method} ${route.path}`;
  const keyRule = keyRuleOf(route.method, definition);
  // The service itself checks what a gateway cannot.
  const isChecked = isOfRelease(definition.input);
  const read = inputOf(route, definition, isChecked ? acceptor(definition.input) : (input) => input);
  const guard = route.method === "GET" ? undefined : guardOf(service, route, definition);
  const respond = responseOf(service, route, definition);
  const notice = deprecation(definition);

  const ask = (exchange: Exchange, input: unknown, options: Options): Promise<unknown> => {
    const asked = broker.call(name, input, options);
    if (keyRule === "none") return asked;
    return asked.catch((error: unknown) => {
      // A refusal may be a stored answer, too.
      if (options.meta["$replayed"]) exchange.headers.push(...REPLAYED);
      throw error;
    });
  };

  return async (exchange, values) => {
    const { headers } = exchange.req;
    exchange.route = label;
    exchange.headers.push(...notice);
    const { token, caller } = await admit(edge, exchange, auth, limit);
    const options = callingOptions(exchange, token, idempotencyKey(headers, keyRule));
    if (limit !== undefined) options.meta.network = clientAddress(exchange.req, config.TRUST_PROXY);
    const ifMatch = headers["if-match"];
    if (guard && ifMatch !== undefined) {
      let input: unknown;
      const make = async (version?: number) => {
        input ??= await read(exchange, values);
        return ask(exchange, version === undefined ? input : { ...(input as object), version }, options);
      };
      const call = (other: string, asked: object) =>
        broker.call(`${target}.${other}`, asked, callingOptions(exchange, token, undefined));
      return respond(exchange, await guard({ ifMatch, values, call, make }), options.meta);
    }
    const reading = read(exchange, values);
    const input = reading instanceof Promise ? await reading : reading;
    if (!live) {
      if (isChecked) options.accepted = definition.input;
      return respond(exchange, await ask(exchange, input, options), options.meta);
    }
    const { id = "", after } = input as { id?: string; after?: number };
    const pull = (from: number | undefined) =>
      broker.call<LiveItems, unknown>(name, { ...(input as object), after: from }, options);
    const subject = `${service.name}:${id}`;
    return edge.live.open(exchange, { subject, holder: caller?.id ?? null, token, after, pull });
  };
}
