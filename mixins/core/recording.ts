/**
 * What staff, administrators and API keys change, for the audit log. Every action that they may call and that is no reading runs
 * its handler with a note of who asks for what, and the service's database records every change that it makes meanwhile. No
 * handler can forget it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Service } from "moleculer";
import { type Ctx, OPERATOR } from "./context.ts";
import type { ActionDefinition } from "./contract.ts";
import { permissionOf } from "./permission.ts";

/** A call that may change something. */
export interface Recorded {
  readonly service: string;
  /** `user:<id>`, `key:<id>`, or `operator`. */
  readonly actor: string;
  /** `product.update` */
  readonly action: string;
  /** The path of its route: `/products/<id>/price`. */
  readonly object: string;
  readonly requestId: string;
}

/** A handler that is running. */
interface Running extends Recorded {
  isOver: boolean;
}

const running = new AsyncLocalStorage<Running | undefined>();

/** Bytes of what is named in a path, which clients choose. */
const LONGEST = 200;

/** True for an action whose changes the audit log holds when staff, an administrator or a key asks for it. */
export const isRecorded = ({ auth, rest, seenByStaff = false, unaudited }: ActionDefinition): boolean =>
  unaudited === undefined && !rest?.startsWith("GET ") && (auth === "staff" || auth === "admin" || seenByStaff);

/** Null for customers, and for services that work for them. */
function actorOf({ user }: Ctx): string | null {
  if (user?.service === OPERATOR) return "operator";
  if (!user?.roles.some((role) => role === "staff" || role === "admin")) return null;
  return `${user.isKey ? "key" : "user"}:${user.id}`;
}

const objectOf = (rest: string, params: Readonly<Record<string, unknown>>): string =>
  rest.slice(rest.indexOf("/")).replaceAll(/:(\w+)/g, (_, name: string) => String(params[name]).slice(0, LONGEST));

type Handler = (this: Service, ctx: Ctx) => unknown;

/** Runs the handler of an action with a note of who asks. Calls of customers cost one look at their roles. */
export function recorded(definition: ActionDefinition, handler: Handler): Handler {
  const { rest = "" } = definition;
  return function (ctx) {
    const actor = actorOf(ctx);
    if (actor === null) return handler.call(this, ctx);
    const { name } = (ctx as unknown as { action: { name: string } }).action;
    const object = objectOf(rest, ctx.params as Readonly<Record<string, unknown>>);
    const call: Running = {
      service: this.name,
      actor,
      action: permissionOf(name),
      object,
      requestId: ctx.requestID,
      isOver: false,
    };
    return running.run(call, async () => {
      try {
        return await handler.call(this, ctx);
      } finally {
        call.isOver = true;
      }
    });
  };
}

/** The call that the present code of this service works for, if its changes are to be recorded. */
export function recordedCall(service: string): Recorded | undefined {
  const call = running.getStore();
  return call?.service === service && !call.isOver ? call : undefined;
}

/** Runs what works on its own, whoever may have woken it. */
export const unrecorded = <R>(work: () => R): R => running.run(undefined, work);
