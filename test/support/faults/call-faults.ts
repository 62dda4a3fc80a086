/** Faults between services: calls that never arrive, whose answers are lost, or that arrive when nobody waits any more. */
import { Errors } from "moleculer";
import { type Handler, middleware } from "#mixins/middlewares/middleware.ts";

export interface Fault {
  /** The action whose calls are disturbed. */
  readonly action: string;
  /** `before` its effect, `after` it, or `late`: it fails at once, but arrives when `arrive` says so. */
  readonly mode: "before" | "after" | "late";
  /** How many calls. */
  readonly times: number;
  /** Disturbs single attempts of a call, which the broker repeats. Otherwise whole calls are disturbed, so that no repetition hides it. */
  readonly isOfAttempts?: boolean;
}

interface Plan extends Fault {
  left: number;
  readonly late: (() => Promise<unknown>)[];
}

const anyOf = (action: string): string => `any ${action}`;

/** Each request may have one fault, which disturbs all that is called because of it, by sagas too. */
export class Faults {
  readonly #plans = new Map<string, Plan>();

  /** The last of the middlewares, so that it stands nearest to the caller. */
  readonly calls = middleware(() => ({
    name: "FaultsOfCalls",
    call: (next) => (name, params, options) => {
      const { requestID = "" } = (options?.parentCtx ?? {}) as { requestID?: string };
      return this.#disturb({ requestID, name, isOfAttempts: false }, () => next(name, params, options));
    },
  }))();

  /** The first of the middlewares, so that it stands nearest to the handler. */
  readonly attempts = middleware(() => ({
    name: "FaultsOfAttempts",
    localAction:
      (next: Handler, { name }: { name: string }): Handler =>
      (ctx) =>
        this.#disturb({ requestID: ctx.requestID!, name, isOfAttempts: true }, () => next(ctx)),
  }))();

  #disturb(
    { requestID, name, isOfAttempts }: { requestID: string; name: string; isOfAttempts: boolean },
    call: () => Promise<unknown>,
  ): Promise<unknown> {
    // An attempt is told the name with its version.
    const plan = this.#plans.get(requestID) ?? this.#plans.get(anyOf(name.replace(/^v\d+\./, "")));
    if (
      plan?.action !== name.replace(/^v\d+\./, "") ||
      plan.left === 0 ||
      (plan.isOfAttempts ?? false) !== isOfAttempts
    )
      return call();
    plan.left -= 1;
    return disturbed(plan, name, call);
  }

  plan(requestId: string, fault: Fault): void {
    this.#plans.set(requestId, { ...fault, left: fault.times, late: [] });
  }

  /** Disturbs calls of the action whatever they are made for, jobs included, whose requests have no id that is known before. */
  planAny(fault: Fault): void {
    this.plan(anyOf(fault.action), fault);
  }

  /** What is late of such a fault arrives. */
  arriveAny(action: string): Promise<PromiseSettledResult<unknown>[]> {
    return this.arrive(anyOf(action));
  }

  /** How many calls are late until now. */
  lateCalls(requestId: string): number {
    return this.#plans.get(requestId)!.late.length;
  }

  /** The fault is over, and what was late arrives: answers what became of it. */
  arrive(requestId: string): Promise<PromiseSettledResult<unknown>[]> {
    const plan = this.#plans.get(requestId)!;
    plan.left = 0;
    return Promise.allSettled(plan.late.splice(0).map((call) => call()));
  }
}

/** Moleculer's own errors, as a caller meets them when a node is away or silent. */
async function disturbed({ mode, late }: Plan, action: string, call: () => Promise<unknown>): Promise<never> {
  if (mode === "before") throw new Errors.ServiceNotFoundError({ action });
  if (mode === "after") await call();
  else late.push(call);
  throw new Errors.RequestTimeoutError({ action, nodeID: "away" });
}
