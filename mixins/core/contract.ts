/** The contract of a service: the one source of its types, validation, routes, roles, errors and documents. */
import type { Errors } from "moleculer";
import type { Static, TSchema } from "typebox";
import { type ErrorDefinition, type SharedErrorCode, sharedErrors, toError } from "./errors.ts";
import type { JobDefinition, JobDefinitions } from "./job.ts";

/** Every service's contract by name, filled by declaration merging in each `<service>.contract.ts`. */
export interface Contracts {}

/** Who may call: `service` means only another service, never a person. */
export type Access = "public" | "customer" | "staff" | "admin" | "service";

export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

export interface ActionDefinition {
  readonly summary: string;
  readonly auth: Access;
  /** Method and path below `/api/v1`, with parameters as `:id`. Without it, the HTTP gateway does not offer the action. */
  readonly rest?: Route;
  /** Fields of the input that HTTP brings in a header of its own, by the header's name. Other protocols bring them as fields. */
  readonly inHeader?: Readonly<Record<string, string>>;
  /** The status of a plain success. The default is 200; an answer of 204 has no body. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The action of the same service that shows the result. Gateways turn it into an address. */
  readonly shownBy?: string;
  /**
   * The values of an answer's field which mean that the work continues after the answer. The client follows it with
   * `shownBy`.
   * @example { status: ["pending"] }
   */
  readonly unfinished?: Readonly<Record<string, readonly string[]>>;
  /**
   * The field of an answer that is true when its subject has another address now, which `shownBy` tells. Gateways of HTTP
   * redirect to it.
   */
  readonly moved?: string;
  /** On a route: the client must send an `Idempotency-Key`. On any action: the broker may retry the call. */
  readonly idempotent?: boolean;
  /** On a POST route: why an `Idempotency-Key` is ignored. Every other POST honours it, even if optional. */
  readonly keyless?: string;
  /** The answer carries `version` as its ETag. With `write`, a stale `If-Match` is refused with STALE_VERSION. */
  readonly concurrency?: "read" | "write";
  /** The gateway holds the request open and sends the items of the answer as server-sent events. */
  readonly live?: boolean;
  /** What a live action sends that is no event of its service, by name. */
  readonly sends?: Readonly<Record<string, Pick<EventDefinition, "summary" | "data">>>;
  /** The gateway passes the headers and the unparsed body, because the sender signed them. */
  readonly raw?: boolean;
  /**
   * The media type of a file that the answer holds: `name`, `mediaType`, and `content` in Base64. Gateways give its bytes to who
   * asks for them: over HTTP with `Accept`, over MCP as a resource.
   */
  readonly file?: `${string}/${string}`;
  /** The answer, or each of its items, says in `language` in which language its texts are. */
  readonly translated?: boolean;
  /** On a public GET route: what is answered never changes, so that anybody may keep it. */
  readonly immutable?: boolean;
  /** Requests per minute from one IP address, when that must be lower than the gateway's own limit. */
  readonly limit?: number;
  /** The answer is part of the export of a person's data (`GET /users/me/export`), under this name. */
  readonly export?: string;
  /** Milliseconds that one attempt may take, including its inner calls. The default is REQUEST_TIMEOUT. */
  readonly timeout?: number;
  /** Of a change by staff: why the audit log does not hold it. */
  readonly unaudited?: string;
  /** An operator may call it at a node's shell: the node's service key proves that they operate this deployment. */
  readonly operator?: boolean;
  /** Dates such as 2026-01-31: from when it should not be used any more, and when it is removed. */
  readonly deprecated?: { readonly since: string; readonly sunset?: string };
  readonly input: TSchema;
  readonly output: TSchema;
  readonly errors?: readonly string[];
  /**
   * On an action for customers: staff with its permission act on what is anybody's. In any other action for customers, staff
   * are customers like all others.
   */
  readonly seenByStaff?: boolean;
}

export interface EventDefinition {
  /** Increased when the shape of `data` changes incompatibly. */
  readonly version: number;
  readonly summary: string;
  readonly data: TSchema;
  /** Whose live streams may show the event. */
  readonly push?: "owner";
}

/** A building block's part in contracts: what operators may do with it, in every service that uses it. */
export interface Block {
  readonly name: string;
  readonly actions: (service: string) => Readonly<Record<string, ActionDefinition>>;
}

export interface ContractDefinition {
  readonly version?: number;
  readonly summary: string;
  /** A gateway calls on behalf of people only, never as a service. */
  readonly gateway?: boolean;
  /** Building blocks with actions for operators, such as the inbox; the service has each among its mixins. */
  readonly blocks?: readonly Block[];
  /**
   * The actions of other services that it calls. NATS lets it send to no other service, and specs refuse any other call.
   * @example ["product.lookup", "payment.authorize"]
   */
  readonly uses?: readonly string[];
  /** The durable events of other services that it handles, each in `implement`. */
  readonly subscribes?: readonly string[];
  /** Its kinds of jobs, each handled in `implement`. */
  readonly jobs?: JobDefinitions;
  readonly errors?: Readonly<Record<string, ErrorDefinition>>;
  readonly actions: Readonly<Record<string, ActionDefinition>>;
  readonly events?: Readonly<Record<string, EventDefinition>>;
}

export type Contract<Name extends string = string, D extends ContractDefinition = ContractDefinition> = D & {
  readonly name: Name;
  readonly version: number;
  /** The error to throw: `throw order.error("OUT_OF_STOCK", { productId })` travels as ORDER_OUT_OF_STOCK. */
  error(code: (keyof D["errors"] & string) | SharedErrorCode, data?: object): Errors.MoleculerError;
};

export type Intersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;

/** The actions that its blocks add to a contract. */
export type BlockActions<D extends ContractDefinition> = D extends { blocks: readonly (infer B extends Block)[] }
  ? Intersection<ReturnType<B["actions"]>>
  : unknown;

/** Keeps the literal types of one action. */
export const action = <const A extends ActionDefinition>(definition: A): A => definition;

/** Keeps the literal types of one event. */
export const event = <const E extends EventDefinition>(definition: E): E => definition;

/** Keeps the literal types of one kind of job. */
export const job = <const J extends JobDefinition>(definition: J): J => definition;

/** The code under which clients see an error of this service. */
export const errorCode = (service: string, code: string): string =>
  Object.hasOwn(sharedErrors, code) ? code : `${service.toUpperCase().replaceAll("-", "_")}_${code}`;

/**
 * Declares a service, and refuses a contract that cannot be served safely.
 * @throws Error when a `service` action has a route, when `seenByStaff` has no meaning, or when an action names an error, an action or a field that is not
 * there
 */
export function defineContract<const Name extends string, const D extends ContractDefinition>(
  name: Name,
  definition: D,
): Contract<Name, D & { readonly actions: BlockActions<D> }> {
  const errors: Readonly<Record<string, ErrorDefinition>> = definition.errors ?? {};
  const ofBlocks = definition.blocks?.map((block) => block.actions(name)) ?? [];
  const actions: ContractDefinition["actions"] = Object.assign({}, ...ofBlocks, definition.actions);
  for (const [key, one] of Object.entries(actions)) {
    if (one.auth === "service" && one.rest)
      throw new Error(`${name}.${key} is for services only and cannot have a route.`);
    if (one.seenByStaff && one.auth !== "customer")
      throw new Error(`${name}.${key} is not for customers, so seenByStaff says nothing about it.`);
    const unknown = one.errors?.find((code) => !(code in errors) && !(code in sharedErrors));
    if (unknown) throw new Error(`${name}.${key} names the error ${unknown}, which its contract does not define.`);
    checkFollowing(`${name}.${key}`, one, actions);
    const { properties = {} } = one.output as { properties?: object };
    const { properties: fields = {} } = one.input as { properties?: object };
    const unread = Object.keys(one.inHeader ?? {}).find((field) => !(field in fields));
    if (unread) throw new Error(`${name}.${key} has the field ${unread} in a header, but its input does not.`);
    if (one.file && !["name", "mediaType", "content"].every((field) => field in properties))
      throw new Error(`${name}.${key} answers with a file, which needs the fields name, mediaType and content.`);
  }
  for (const [kind, { cron, input, personal }] of Object.entries(definition.jobs ?? {}))
    if (cron !== undefined && (personal || (input as { required?: readonly string[] }).required?.length))
      throw new Error(`The job ${name}.${kind} is added by its time alone, so its input can have no required field.`);
  return {
    ...(definition as D & { readonly actions: BlockActions<D> }),
    actions: actions as D["actions"] & BlockActions<D>,
    name,
    version: definition.version ?? 1,
    error(code, data) {
      const own = errors[code];
      return toError(errorCode(name, code), own ?? sharedErrors[code as SharedErrorCode], data);
    },
  };
}

/** @throws Error when clients could not find the subject of an answer, or could not see that it is unfinished */
function checkFollowing(
  name: string,
  { shownBy, unfinished, output }: ActionDefinition,
  actions: ContractDefinition["actions"],
): void {
  const { properties = {} } = output as { properties?: object };
  const route = shownBy === undefined ? undefined : actions[shownBy]?.rest;
  if (shownBy !== undefined && !route?.startsWith("GET "))
    throw new Error(`${name} is shown by ${shownBy}, which is no action with a GET route.`);
  if (unfinished && !route) throw new Error(`${name} can be unfinished, but no action shows how it goes on.`);
  const parameters = [...(route ?? "").matchAll(/:(\w+)/g)].map(([, parameter]) => parameter!);
  const missing = [...parameters, ...Object.keys(unfinished ?? {})].find((field) => !(field in properties));
  if (missing) throw new Error(`${name} needs the field ${missing} in its answer.`);
}

type Actions<S extends keyof Contracts> = Contracts[S] extends { actions: infer A } ? A : never;
type Events<S extends keyof Contracts> = Contracts[S] extends { events: infer E } ? E : never;

/** Every action's name, such as `"order.create"`. */
export type ActionName = { [S in keyof Contracts]: `${S}.${keyof Actions<S> & string}` }[keyof Contracts];

/** Every event's name, such as `"order.confirmed"`. */
export type EventName = { [S in keyof Contracts]: `${S}.${keyof Events<S> & string}` }[keyof Contracts];

type ActionOf<N> = N extends `${infer S extends keyof Contracts & string}.${infer A}`
  ? A extends keyof Actions<S>
    ? Actions<S>[A]
    : never
  : never;
type EventOf<N> = N extends `${infer S extends keyof Contracts & string}.${infer E}`
  ? E extends keyof Events<S>
    ? Events<S>[E]
    : never
  : never;

export type InputOf<A> = A extends { input: infer I extends TSchema } ? Static<I> : never;
export type OutputOf<A> = A extends { output: infer O extends TSchema } ? Static<O> : never;
export type Input<N extends ActionName> = InputOf<ActionOf<N>>;
export type Output<N extends ActionName> = OutputOf<ActionOf<N>>;
export type EventData<N extends EventName> = EventOf<N> extends { data: infer D extends TSchema } ? Static<D> : never;
