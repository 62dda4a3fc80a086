/** Every node checks who calls, so a call that did not come through a gateway is checked too. */
import type { CallingOptions, Context, Middleware, Service } from "moleculer";
import type { Access } from "#core/contract.ts";
import type { Caller, Meta } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { roles } from "#core/schema.ts";
import { OPERATOR, Tokens } from "#core/tokens.ts";

const SERVICE_TOKEN = "x-service-token";
const ranks: readonly string[] = roles;

const rank = ({ roles }: Caller): number => Math.max(...roles.map((role) => ranks.indexOf(role)), -1);

/** @throws UNAUTHENTICATED, FORBIDDEN */
export function authorize(access: Access, caller: Caller | undefined): void {
  if (access === "public") return;
  if (!caller) throw sharedError(access === "service" ? "FORBIDDEN" : "UNAUTHENTICATED");
  // A service works for customers and with services; what staff do, only people do.
  const allowed = caller.service
    ? access === "service" || access === "customer"
    : rank(caller) >= ranks.indexOf(access);
  if (access === "service" && !caller.service) throw sharedError("FORBIDDEN");
  if (!allowed) throw sharedError("FORBIDDEN");
}

type Incoming = Context<unknown, Meta> & {
  headers: Record<string, string | undefined>;
  options: CallingOptions;
  user?: Caller | undefined;
};

type Handler = (ctx: Incoming) => Promise<unknown>;

/** A service that speaks for people only, such as a gateway, declares `edge` and never acts as a service. */
const isEdge = (service: Service): boolean => service.schema.metadata?.["edge"] === true;

export function auth(): Middleware {
  const tokens = new Tokens();

  /** Where anybody may call, a person's token that is not good counts for nothing. */
  const identify = (ctx: Incoming, access: Access): Caller | undefined | Promise<Caller | undefined> => {
    const service = ctx.headers?.[SERVICE_TOKEN];
    if (service) return tokens.knownService(service) ?? tokens.service(service);
    const { accessToken } = ctx.meta;
    if (accessToken === undefined) return undefined;
    const known = tokens.known(accessToken);
    if (known) return known;
    const verified = tokens.person(accessToken);
    return access === "public" ? verified.catch(() => undefined) : verified;
  };

  /**
   * What one service asks of another carries the service's own token, and the user it works for. Not a `call` hook: when
   * that waits, Moleculer gives the call the context of another, and with it the other's meta.
   */
  const speaking =
    (next: Handler): Handler =>
    (ctx) => {
      const parent = ctx.options.parentCtx as Incoming | undefined;
      const service = parent?.service;
      if (!service || isEdge(service)) return next(ctx);
      const user = parent.user?.id ?? null;
      const send = (token: string) => {
        // A copy: callers use the same headers for many calls.
        ctx.headers = { ...ctx.headers, [SERVICE_TOKEN]: token };
        return next(ctx);
      };
      const token = tokens.signed(service.name, user);
      return token ? send(token) : tokens.sign(service.name, user).then(send);
    };

  const admitted = (next: Handler, access: Access, operator = false): Handler => {
    const admit = (caller: Caller | undefined): void => {
      // What the contract does not name stays out of an operator's reach, customers' things above all.
      if (caller?.service !== OPERATOR) authorize(access, caller);
      else if (!operator) throw sharedError("FORBIDDEN");
    };
    const enter = (ctx: Incoming, caller: Caller | undefined): Promise<unknown> => {
      ctx.user = caller;
      try {
        admit(caller);
      } catch (error) {
        return Promise.reject(error);
      }
      return next(ctx);
    };
    return (ctx) => {
      const caller = identify(ctx, access);
      return caller instanceof Promise ? caller.then((verified) => enter(ctx, verified)) : enter(ctx, caller);
    };
  };

  const localAction = (next: Handler, { auth: access, operator }: { auth?: Access; operator?: boolean }): Handler =>
    access ? speaking(admitted(next, access, operator)) : next;

  return { name: "Auth", localAction: localAction as never, remoteAction: speaking as never };
}
