/** What a handler sees: typed parameters, typed calls, and the person or service on whose behalf it works. */
import { type CallingOptions, Context, type Service, type ServiceBroker } from "moleculer";
import type { ActionName, Input, Output } from "./contract.ts";

/** Verified claims; `service` is set when another service calls, with the user it works for, if any. */
export interface Caller {
  readonly id: string | null;
  readonly roles: readonly string[];
  readonly service?: string;
  /** The sign-in (refresh token family) an access token came from. */
  readonly session?: string;
}

export interface Meta {
  accessToken?: string;
  /** RFC 9110 language tag the person prefers, reduced to what we write. */
  language?: "en" | "ko";
  /** Where a person's request came from: an address, or a network of IPv6. Gateways tell it where a secret may be guessed. */
  network?: string;
  [key: string]: unknown;
}

/** Moleculer's context with our types: `ctx.call("product.reserve", …)` is checked by the compiler. */
export interface Ctx<Params = unknown> {
  readonly params: Params;
  readonly caller: string;
  /** Who is calling, for a `public` action perhaps nobody; in a work context, whom the service works for. */
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

/** The signed-in person's id. Actions that are not `public` always have one, unless a service works for nobody. */
export function userId(ctx: Ctx): string {
  const id = ctx.user?.id;
  if (!id) throw new Error(`The caller of this action is not a person.`);
  return id;
}

/** Calling options that make the called action take effect once per key. */
export const withKey = (key: string, options: CallingOptions = {}): CallingOptions => ({
  ...options,
  headers: { ...options.headers, "idempotency-key": key },
});

/** The key the caller sent, which the contract made mandatory. */
export function idempotencyKey(ctx: Ctx): string {
  const key = ctx.headers["idempotency-key"];
  if (!key) throw new Error("An idempotent action was called without a key.");
  return key;
}

/**
 * A context for work that no request started: sagas, sweeps, handlers of events.
 * @param onBehalfOf the user the service works for, named in its service token
 */
export function workContext(service: Service, onBehalfOf: string | null = null, requestID?: string): Ctx<null> {
  const ctx = new Context(service.broker);
  ctx.service = service;
  Object.assign(ctx, { user: { id: onBehalfOf, roles: [] } satisfies Caller });
  if (requestID !== undefined) ctx.requestID = requestID;
  return ctx as unknown as Ctx<null>;
}
