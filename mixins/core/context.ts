/** What a handler sees: typed parameters, typed calls, and the person or service on whose behalf it works. */
import { type CallingOptions, Context, type Service, type ServiceBroker } from "moleculer";
import type { ActionName, Input, Output } from "./contract.ts";
import type { Language } from "./text.ts";

/**
 * The verified claims of a token. `service` is set when another service calls; `id` is then the user on whose behalf it
 * works, if any.
 */
export interface Caller {
  readonly id: string | null;
  readonly roles: readonly string[];
  readonly service?: string;
  /** The session (refresh token family) from which the access token was issued. */
  readonly session?: string;
  /** What they may do as staff, such as `product.*`. Without it, staff may do all that the contracts open to staff. */
  readonly permissions?: readonly string[];
  /** True for an API key: it acts as staff, and is no person. Its id is that of the key. */
  readonly isKey?: boolean;
}

/** The name that an operator's shell has in its token instead of a service. No contract can have this name. */
export const OPERATOR = "$operator";

export interface Meta {
  accessToken?: string;
  /** The language that the person prefers, reduced to the ones that we write. */
  language?: Language;
  /** The country where the person is (ISO 3166-1 alpha-2), where the gateway knows it. */
  region?: string;
  /** The IP address of a request's sender, or its IPv6 network, where a secret may be guessed. */
  network?: string;
  /** What the program of a request's sender calls itself, where somebody may sign in. */
  agent?: string;
  [key: string]: unknown;
}

/** Moleculer's context with our types: `ctx.call("product.reserve", …)` is checked by the compiler. */
export interface Ctx<Params = unknown> {
  readonly params: Params;
  readonly caller: string;
  /** Absent on some `public` actions; in a work context the user on whose behalf the service works. */
  readonly user: Caller | undefined;
  readonly meta: Meta;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestID: string;
  readonly id: string;
  readonly broker: ServiceBroker;
  call<N extends ActionName>(name: N, params: Input<N>, options?: CallingOptions): Promise<Output<N>>;
}

/** A middleware around every call that this node makes. */
export type CallHook = (
  next: (name: string, params: unknown, options?: CallingOptions) => Promise<unknown>,
) => typeof next;

/** The signed-in person's id. Only a `public` action, or a service on behalf of nobody, has none. */
export function userId(ctx: Ctx): string {
  const id = ctx.user?.id;
  if (!id) throw new Error(`The caller of this action is not a person.`);
  return id;
}

/** Calling options with an idempotency key: the called action takes effect once per key. */
export const withKey = (key: string, options: CallingOptions = {}): CallingOptions => ({
  ...options,
  headers: { ...options.headers, "idempotency-key": key },
});

/** The idempotency key of the caller. The contract requires one. */
export function idempotencyKey(ctx: Ctx): string {
  const key = ctx.headers["idempotency-key"];
  if (!key) throw new Error("An idempotent action was called without a key.");
  return key;
}

/**
 * A context for work that no request started: sagas, sweeps and event handlers.
 * @param onBehalfOf the user the service works for, named in its service token
 */
export function workContext(service: Service, onBehalfOf: string | null = null, requestID?: string): Ctx<null> {
  const ctx = new Context(service.broker);
  ctx.service = service;
  Object.assign(ctx, { user: { id: onBehalfOf, roles: [] } satisfies Caller });
  if (requestID !== undefined) ctx.requestID = requestID;
  return ctx as unknown as Ctx<null>;
}

/**
 * Whose things the caller may see: their own, or with null everybody's. Only in actions for staff, and in those that a contract
 * marks with `seenByStaff`, has the caller the rank of staff.
 */
export const ownerOf = (ctx: Ctx): string | null =>
  ctx.user?.roles.some((role) => role === "staff" || role === "admin") ? null : userId(ctx);
