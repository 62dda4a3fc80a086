/** The contract of a service: the one source of its types, validation, routes, roles, errors and documents. */
import type { Errors } from "moleculer";
import type { Static, TSchema } from "typebox";
import { type ErrorDefinition, type SharedErrorCode, sharedErrors, toError } from "./errors.ts";

/** Every service's contract by name, filled by declaration merging in each `<service>.contract.ts`. */
export interface Contracts {}

/** Who may call: `service` means only another service, never a person. */
export type Access = "public" | "customer" | "staff" | "admin" | "service";

export type Route = `${"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} /${string}`;

export interface ActionDefinition {
  readonly summary: string;
  readonly auth: Access;
  /** Method and path below `/api/v1`, parameters as `:id`; an action without it is not reachable from outside. */
  readonly rest?: Route;
  /** Status of a plain success; 200 unless told, 204 answers no body. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The work may outlast its request: then the answer is 202, and `Location` says where to follow it. */
  readonly pending?: boolean;
  /** On a route: an `Idempotency-Key` is required. Anywhere: the broker may safely ask again. */
  readonly idempotent?: boolean;
  /**
   * On a POST route: why an `Idempotency-Key` that is sent counts for nothing. Every other POST honours one, also where it is
   * not required.
   */
  readonly keyless?: string;
  /** The answer carries `version`; with `write` a stale `If-Match` is refused as STALE_VERSION. */
  readonly concurrency?: "read" | "write";
  /** The gateway holds the request open and sends the items of the answer as server-sent events. */
  readonly live?: boolean;
  /** The gateway passes headers and the unparsed body, for callers that sign it. */
  readonly raw?: boolean;
  /** Requests a minute from one address, tighter than the gateway's own limit. */
  readonly limit?: number;
  /** What it answers is a part of everything that is kept about its caller, under this name (`GET /users/me/export`). */
  readonly export?: string;
  /** Milliseconds that one attempt may take, calls within it included; REQUEST_TIMEOUT unless told. */
  readonly timeout?: number;
  /** A person at a node's console may call it, whose service key says that they operate this deployment. */
  readonly operator?: boolean;
  /** Dates such as 2026-01-31: since when it should no longer be used, and when it will be gone. */
  readonly deprecated?: { readonly since: string; readonly sunset?: string };
  readonly input: TSchema;
  readonly output: TSchema;
  readonly errors?: readonly string[];
}

export interface EventDefinition {
  /** Raised when the shape of `data` changes incompatibly. */
  readonly version: number;
  readonly summary: string;
  readonly data: TSchema;
  /** Whose live streams may show it. */
  readonly push?: "owner";
}

export interface ContractDefinition {
  readonly version?: number;
  readonly summary: string;
  /** It speaks for people only, and never acts as a service. */
  readonly edge?: boolean;
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

/** Keeps the literal types of one action. */
export const action = <const A extends ActionDefinition>(definition: A): A => definition;

/** Keeps the literal types of one event. */
export const event = <const E extends EventDefinition>(definition: E): E => definition;

/** The code an error of this service travels under. */
export const errorCode = (service: string, code: string): string =>
  Object.hasOwn(sharedErrors, code) ? code : `${service.toUpperCase().replaceAll("-", "_")}_${code}`;

/**
 * Declares a service. Refuses what could not be served safely.
 * @throws Error when a `service` action has a route, or an action names an error that nobody defined
 */
export function defineContract<const Name extends string, const D extends ContractDefinition>(
  name: Name,
  definition: D,
): Contract<Name, D> {
  const errors: Readonly<Record<string, ErrorDefinition>> = definition.errors ?? {};
  for (const [key, { auth, rest, errors: named = [] }] of Object.entries(definition.actions)) {
    if (auth === "service" && rest) throw new Error(`${name}.${key} is for services only and cannot have a route.`);
    const unknown = named.find((code) => !(code in errors) && !(code in sharedErrors));
    if (unknown) throw new Error(`${name}.${key} names the error ${unknown}, which its contract does not define.`);
  }
  return {
    ...definition,
    name,
    version: definition.version ?? 1,
    error(code, data) {
      const own = errors[code];
      return toError(errorCode(name, code), own ?? sharedErrors[code as SharedErrorCode], data);
    },
  };
}

type Actions<S extends keyof Contracts> = Contracts[S] extends { actions: infer A } ? A : never;
type Events<S extends keyof Contracts> = Contracts[S] extends { events: infer E } ? E : never;

/** `"order.create"` and all its siblings. */
export type ActionName = { [S in keyof Contracts]: `${S}.${keyof Actions<S> & string}` }[keyof Contracts];

/** `"order.confirmed"` and all its siblings. */
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
