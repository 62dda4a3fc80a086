/** Validates what every action is given, its text in one spelling, and in tests what it answers, by its contract. */
import type { Context, Middleware } from "moleculer";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { Locale } from "typebox/system";
import { Pointer } from "typebox/value";
import type { ActionDefinition } from "#core/contract.ts";
import type { Meta } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { formatFault, normaliser } from "#core/formats.ts";

interface Options {
  /** Checks answers too, and fails the call when one is not what its contract says. */
  readonly answers: boolean;
}

/** One entry of a problem's `errors` (RFC 9457 section 3): `pointer` is a JSON pointer into the request. */
export interface Violation {
  readonly pointer: string;
  readonly detail: string;
}

/** Compiled when first used: a node that starts need not compile what nobody calls. */
const lazily = (schema: TSchema): (() => Validator) => {
  let validator: Validator | undefined;
  return () => (validator ??= Compile(schema));
};

const violations = (validator: Validator, value: unknown, language?: Meta["language"]): Violation[] =>
  validator
    .Errors(value)
    // A field that is not allowed is told twice; "schema is false" helps nobody.
    .filter(({ keyword }) => keyword !== "boolean")
    .map((error) => {
      const { instancePath, params } = error;
      const extra = params as { additionalProperties?: string[]; requiredProperties?: string[]; format?: string };
      const fault = extra.format === undefined ? null : formatFault(extra.format, Pointer.Get(value, instancePath));
      const message = fault?.[language ?? "en"] ?? (language === "ko" ? Locale.ko_KR(error) : error.message);
      const named = extra.additionalProperties ?? extra.requiredProperties;
      return { pointer: instancePath, detail: named ? `${message}: ${named.join(", ")}` : message };
    });

type Handler = (ctx: Context<unknown, Meta>) => Promise<unknown>;

export function contract({ answers }: Options): Middleware {
  const localAction = (next: Handler, action: Partial<ActionDefinition> & { name: string }): Handler => {
    if (!action.input || !action.output) return next;
    const request = lazily(action.input);
    const answer = lazily(action.output);
    const normalise = normaliser(action.input);
    const validated: Handler = (ctx) => {
      const params: unknown = (ctx.params = normalise ? normalise(ctx.params ?? {}) : (ctx.params ?? {}));
      if (request().Check(params)) return next(ctx);
      const errors = violations(request(), params, ctx.meta.language);
      return Promise.reject(sharedError("VALIDATION_FAILED", { errors }));
    };
    if (!answers) return validated;
    return async (ctx) => {
      const result = await validated(ctx);
      // What JSON would carry: an absent field and an undefined one are the same.
      const wire = result === undefined ? null : (JSON.parse(JSON.stringify(result)) as unknown);
      if (answer().Check(wire)) return result;
      throw new Error(`${action.name} answered against its contract: ${JSON.stringify(violations(answer(), wire))}`);
    };
  };
  return { name: "Contract", localAction: localAction as never };
}
