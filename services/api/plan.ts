/** The steps of a request to its action and back, prepared once per route. */
import type { IncomingHttpHeaders } from "node:http";
import type { ServiceBroker } from "moleculer";
import type { ActionDefinition } from "#core/contract.ts";
import { type Accept, acceptor } from "#core/validation.ts";
import { isOfRelease } from "#mixins/gateway/announced.ts";
import { bodyLimit } from "#mixins/gateway/body-limit.ts";
import { callingOptions, type Entrance, tellSender } from "#mixins/gateway/caller.ts";
import { idempotencyKey, keyRuleOf } from "#mixins/gateway/key.ts";
import type { LiveItems, LiveStreams } from "#mixins/gateway/live.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import type { Accepted } from "#mixins/middlewares/contract.middleware.ts";
import { readJson, readText } from "#mixins/http/body.ts";
import { admitted } from "./admission.ts";
import { EventStream, resumeFrom } from "./event-stream.ts";
import type { Exchange } from "./exchange.ts";
import { fieldsIn, headersOf, InputReader } from "./input.ts";
import { hasMore, sendPages } from "./paged-file.ts";
import { guardOf } from "./precondition.ts";
import { asksFor, REPLAYED, responseOf } from "./response.ts";
import { type RestRoute, takesBody } from "./route.ts";

export interface Shared extends Entrance {
  readonly broker: ServiceBroker;
  readonly live: LiveStreams;
}

/** Serves a request. @throws every failure that the client must see as a problem */
export type Plan = (exchange: Exchange, values: readonly string[]) => Promise<void>;

type Options = ReturnType<typeof callingOptions> & Accepted;

const textHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

/** Names and values in turn: since when a route is deprecated (RFC 9745), and when it is removed (RFC 8594). */
export function deprecation({ deprecated }: Pick<ActionDefinition, "deprecated">): readonly string[] {
  if (!deprecated) return [];
  const { since, sunset } = deprecated;
  const headers = ["Deprecation", `@${Date.parse(since) / 1000}`];
  if (sunset) headers.push("Sunset", new Date(sunset).toUTCString());
  return headers;
}

type ReadInput = (exchange: Exchange, values: readonly string[]) => Promise<unknown> | unknown;

/**
 * How this route's input is put together from the request. It is checked here as well as in the service, so that no
 * invalid request is sent to other nodes.
 */
function inputOf({ method, path }: RestRoute, definition: ActionDefinition, accept: Accept): ReadInput {
  const { raw } = definition;
  const reader = new InputReader(path, definition, !takesBody(method) && !raw);
  if (method === "GET")
    return ({ req, query, language }, values) => accept(reader.read(values, query, {}, req.headers), language);
  const limit = bodyLimit(definition);
  const parts: ReadInput = raw
    ? async ({ req }, values) => ({
        ...(reader.read(values, "") as object),
        headers: textHeaders(req.headers),
        body: await readText(req, limit),
      })
    : async ({ req, query }, values) => reader.read(values, query, await readJson(req, limit), req.headers);
  return async (exchange, values) => accept(await parts(exchange, values), exchange.language);
}

export function planOf(
  shared: Shared,
  service: Described,
  action: string,
  route: RestRoute,
  definition: ActionDefinition,
): Plan {
  const { broker } = shared;
  const { auth, limit, live, file, seenByStaff = false } = definition;
  const target = `v${service.version}.${service.name}`;
  const name = `${target}.${action}`;
  const label = `${route.method} ${route.path}`;
  const keyRule = keyRuleOf(definition);
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
      // A stored answer may also be a refusal.
      if (options.meta["$replayed"]) exchange.headers.push(...REPLAYED);
      throw error;
    });
  };

  return async (exchange, values) => {
    const { headers } = exchange.req;
    exchange.route = label;
    exchange.headers.push(...notice);
    const { token, caller } = await admitted(shared, exchange, { auth, seenByStaff, of: name, limit });
    const options: Options = callingOptions(exchange, token, idempotencyKey(headers["idempotency-key"], keyRule));
    if (limit !== undefined) tellSender(options.meta, exchange.address, headers["user-agent"]);
    const ifMatch = headers["if-match"];
    if (guard && ifMatch !== undefined) {
      let input: unknown;
      const make = async (version?: number) => {
        input ??= await read(exchange, values);
        return ask(exchange, version === undefined ? input : { ...(input as object), version }, options);
      };
      const call = (other: string, asked: object) => {
        const named = headersOf(service.actions[other]!);
        const input = { ...asked, ...fieldsIn(headers, named) };
        return broker.call(`${target}.${other}`, input, callingOptions(exchange, token, undefined));
      };
      return respond(exchange, await guard({ ifMatch, values, call, make }), options.meta);
    }
    const reading = read(exchange, values);
    const input = reading instanceof Promise ? await reading : reading;
    if (!live) {
      if (isChecked) options.accepted = definition.input;
      const answer = await ask(exchange, input, options);
      const isPaged = file !== undefined && asksFor(exchange.req.headers.accept, file) && hasMore(answer);
      if (!isPaged) return respond(exchange, answer, options.meta);
      const next = (cursor: string) => ask(exchange, { ...(input as object), cursor }, options);
      return sendPages(exchange, definition, answer, next);
    }
    const { id = "", after } = input as { id?: string; after?: number };
    const pull = (from: number | undefined) =>
      broker.call<LiveItems, unknown>(name, { ...(input as object), after: from }, options);
    const subject = `${service.name}:${id}`;
    const holder = caller?.id ?? exchange.address;
    return shared.live.open(new EventStream(exchange), {
      subject,
      holder,
      token,
      after: resumeFrom(exchange, after),
      pull,
    });
  };
}
