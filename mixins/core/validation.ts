/** Checks the input of an action by its schema and normalises it, or refuses it with the first violations. */
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { sharedError } from "./errors.ts";
import { normaliser } from "./formats.ts";
import type { Language } from "./text.ts";
import { violationsOf } from "./violations.ts";

/** Compiles a validator on its first use, so that a node starts without compiling the schemas that nobody calls. */
export const lazily = (schema: TSchema): (() => Validator) => {
  let validator: Validator | undefined;
  return () => (validator ??= Compile(schema));
};

/** @throws VALIDATION_FAILED with the first violations */
export type Accept = (value: unknown, language?: Language) => unknown;

/** Prepares the check of a schema. The check answers the normalised value and never changes its argument. */
export function acceptor(schema: TSchema): Accept {
  const validator = lazily(schema);
  const normalise = normaliser(schema);
  return (value, language) => {
    const normal = normalise ? normalise(value) : value;
    if (validator().Check(normal)) return normal;
    throw sharedError("VALIDATION_FAILED", { errors: violationsOf(schema, normal, language) });
  };
}
