/** Checks the caller in every node, so that a call that did not come through a gateway is checked too. */
import type { CallingOptions, Context, Service } from "moleculer";
import type { Access, ActionDefinition } from "#core/contract.ts";
import { type Caller, type Meta, OPERATOR } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { isPermitted, permissionOf } from "#core/permission.ts";
import { revocationsOf } from "../node/revocations.ts";
import { roles } from "#core/schema.ts";
import { Tokens } from "../node/tokens.ts";
import { ANY, topology } from "../node/topology.ts";
import { revocationWatchOf } from "./revocation.middleware.ts";
import { type Handler, middleware } from "./middleware.ts";

const SERVICE_TOKEN = "x-service-token";
const ranks: readonly string[] = roles;

const rank = ({ roles }: Caller): number => Math.max(...roles.map((role) => ranks.indexOf(role)), -1);

/** An action, as far as it matters who may call it. */
export interface Guarded extends Pick<ActionDefinition, "seenByStaff"> {
  readonly auth: Access;
  /** Its full name, such as `v1.product.update`. */
  readonly name: string;
}

/** In an action for customers: staff who may see what is anybody's, or somebody who sees their own. */
function asCustomer({ name, seenByStaff = false }: Guarded, caller: Caller): Caller {
  if (rank(caller) < 1) return caller;
  const permission = permissionOf(name);
  if (seenByStaff && isPermitted(caller, permission)) return caller;
  if (caller.isKey)
    throw seenByStaff ? sharedError("PERMISSION_MISSING", { permission }) : sharedError("PERSON_REQUIRED");
  return { ...caller, roles: ["customer"] };
}

/**
 * The only place that decides who may do what, whichever door they come through.
 * @returns the caller with the rank that this action lets them use
 * @throws UNAUTHENTICATED, FORBIDDEN, PERMISSION_MISSING, PERSON_REQUIRED
 */
export function authorize(action: Guarded, caller: Caller | undefined): Caller | undefined {
  const { auth: access, name } = action;
  // Where anybody may call, a key is nobody: it has no things of its own.
  if (access === "public") return caller?.isKey ? undefined : caller;
  if (!caller) throw sharedError(access === "service" ? "FORBIDDEN" : "UNAUTHENTICATED");
  // A service acts for customers and with services. Actions for staff are open to people and their keys only.
  const allowed = caller.service
    ? access === "service" || access === "customer"
    : access !== "service" && rank(caller) >= ranks.indexOf(access);
  if (!allowed) throw sharedError("FORBIDDEN");
  if (access === "customer") return asCustomer(action, caller);
  const permission = permissionOf(name);
  if (access === "staff" && !isPermitted(caller, permission)) throw sharedError("PERMISSION_MISSING", { permission });
  return caller;
}

/**
 * A service's token is accepted from its own nodes only, whose ids NATS guarantees. Every called node receives the
 * token, and could otherwise use it for calls of its own. An operator's token comes from shells.
 */
const isSentBy = (service: string, nodeId: string | null): boolean =>
  !topology.isGuarded || [service, ANY].some((one) => nodeId?.startsWith(`${one}.`)) || nodeId === topology.nodeId;

type Incoming = Context<unknown, Meta> & {
  headers: Record<string, string | undefined>;
  options: CallingOptions;
  user?: Caller | undefined;
};

/** A gateway calls on behalf of people only, never as a service. */
const isGateway = (service: Service): boolean => service.schema.metadata?.["gateway"] === true;

type Admitting = Guarded & Pick<ActionDefinition, "operator" | "rest">;

/** True where a person who is no longer staff or administrator must be refused at once. */
const isChange = ({ auth: access, rest }: Admitting): boolean => access !== "public" && !rest?.startsWith("GET ");

export const auth = middleware((broker) => {
  const revocations = revocationsOf(broker);
  const watch = revocationWatchOf(broker);
  const tokens = new Tokens(revocations);

  /** On a public action, an invalid token of a person is ignored. */
  const identify = (ctx: Incoming, access: Access): Caller | undefined | Promise<Caller | undefined> => {
    const service = ctx.headers?.[SERVICE_TOKEN];
    if (service) return tokens.knownService(service) ?? tokens.service(service);
    const { accessToken } = ctx.meta;
    if (accessToken === undefined) return undefined;
    if (!watch.hasLooked) return watch.look().then(() => identify(ctx, access));
    const known = tokens.known(accessToken);
    if (known) return known;
    const verified = tokens.person(accessToken);
    return access === "public" ? verified.catch(() => undefined) : verified;
  };

  /**
   * Calls between services carry the calling service's own token, and the user on whose behalf it works. This is not a
   * `call` hook, because when a hook waits, Moleculer gives the call the context of another call, with the other's
   * meta.
   */
  const speaking =
    (next: Handler<Incoming>): Handler<Incoming> =>
    (ctx) => {
      const parent = ctx.options.parentCtx as Incoming | undefined;
      const service = parent?.service;
      if (!service || isGateway(service)) return next(ctx);
      const user = parent.user?.id ?? null;
      const send = (token: string) => {
        // A copy, because callers use the same headers for many calls.
        ctx.headers = { ...ctx.headers, [SERVICE_TOKEN]: token };
        return next(ctx);
      };
      const token = tokens.signed(service.name, user);
      return token ? send(token) : tokens.sign(service.name, user).then(send);
    };

  /**
   * The rights of staff depend on what the user service knows now, not on the roles in their token. While the user
   * service is away, staff have the rights of customers.
   * @throws SESSION_ENDED, SERVICE_NOT_AVAILABLE for actions of staff while the user service is away
   */
  const asOfNow = async (caller: Caller, access: Access): Promise<Caller> => {
    try {
      await watch.refresh();
    } catch (error) {
      if (access !== "customer" || caller.isKey) throw error;
      return { ...caller, roles: ["customer"] };
    }
    const standing = revocations.standing(caller);
    if (!standing) throw sharedError("SESSION_ENDED");
    return standing;
  };

  const admitted = (next: Handler<Incoming>, action: Admitting): Handler<Incoming> => {
    const { auth: access, operator = false } = action;
    const changes = isChange(action);
    const admit = (caller: Caller | undefined): Caller | undefined => {
      // Operators may call only actions whose contract says so, and above all nothing that belongs to customers.
      if (caller?.service !== OPERATOR) return authorize(action, caller);
      if (!operator) throw sharedError("FORBIDDEN");
      return caller;
    };
    const enter = (ctx: Incoming, caller: Caller | undefined): Promise<unknown> => {
      ctx.user = caller;
      return next(ctx);
    };
    const proceed = (ctx: Incoming, caller: Caller | undefined): Promise<unknown> => {
      let admitted: Caller | undefined;
      try {
        if (caller?.service !== undefined && !isSentBy(caller.service, ctx.nodeID)) throw sharedError("FORBIDDEN");
        admitted = admit(caller);
      } catch (error) {
        return Promise.reject(error);
      }
      if (!changes || !caller || rank(caller) < 1) return enter(ctx, admitted);
      return asOfNow(caller, access).then((standing) => enter(ctx, admit(standing)));
    };
    return (ctx) => {
      const caller = identify(ctx, access);
      return caller instanceof Promise ? caller.then((verified) => proceed(ctx, verified)) : proceed(ctx, caller);
    };
  };

  const localAction = (next: Handler<Incoming>, action: Partial<Admitting>): Handler<Incoming> =>
    action.auth ? speaking(admitted(next, action as Admitting)) : next;

  return { name: "Auth", localAction, remoteAction: speaking };
});
