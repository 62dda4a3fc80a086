/** Validates and normalises the input of every action by its contract; in tests also its answers and calls. */
import type { Context, Service } from "moleculer";
import type { ActionDefinition } from "#core/contract.ts";
import type { Meta } from "#core/context.ts";
import { acceptor, lazily } from "#core/validation.ts";
import { violationsOf } from "#core/violations.ts";
import { type Handler, middleware } from "./middleware.ts";

interface Options {
  /** Also checks answers and calls, and fails those that contradict the contract. */
  readonly answers: boolean;
}

/**
 * A calling option with the schema that has already accepted the input, when the caller does not change it afterwards.
 * It saves a second check within one process. It does not travel between nodes, where the action checks the input
 * again.
 */
export interface Accepted {
  accepted?: ActionDefinition["input"];
}

type Call = Context<unknown, Meta> & {
  readonly options: Accepted & { readonly parentCtx?: { readonly service?: Service } };
};

/** Refuses a call when the contract of the calling service names the action neither as its own nor in `uses`. */
const checked =
  (next: Handler<Call>, action: { name: string }): Handler<Call> =>
  async (ctx) => {
    const caller = ctx.options.parentCtx?.service;
    const { uses } = (caller?.schema ?? {}) as { uses?: readonly string[] };
    const name = action.name.replace(/^v\d+\./, "");
    if (!uses || uses.includes(name) || name.startsWith("$") || name.startsWith(`${caller!.name}.`)) return next(ctx);
    throw new Error(`${caller!.name} calls ${name}, which its contract does not name: add it to \`uses\`.`);
  };

export const contract = middleware((_, { answers }: Options) => {
  const localAction = (next: Handler<Call>, action: Partial<ActionDefinition> & { name: string }): Handler<Call> => {
    if (!action.input || !action.output) return answers ? checked(next, action) : next;
    const accept = acceptor(action.input);
    const answer = lazily(action.output);
    const output = action.output;
    const validated: Handler<Call> = (ctx) => {
      if (ctx.options.accepted === action.input) return next(ctx);
      try {
        ctx.params = accept(ctx.params ?? {}, ctx.meta.language);
      } catch (error) {
        return Promise.reject(error);
      }
      return next(ctx);
    };
    if (!answers) return validated;
    const answered: Handler<Call> = async (ctx) => {
      const result = await validated(ctx);
      // JSON would treat an absent field and an undefined one alike.
      const wire = result === undefined ? null : (JSON.parse(JSON.stringify(result)) as unknown);
      if (answer().Check(wire)) return result;
      throw new Error(`${action.name} answered against its contract: ${JSON.stringify(violationsOf(output, wire))}`);
    };
    return checked(answered, action);
  };
  return { name: "Contract", localAction, ...(answers && { remoteAction: checked }) };
});
