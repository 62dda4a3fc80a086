/** What an action is given, checked by its schema and brought into one spelling; what is wrong is told, and stopped at. */
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { sharedError } from "./errors.ts";
import { normaliser } from "./formats.ts";
import { type Language, violationsOf } from "./violations.ts";

/** Compiled when first used: a node that starts need not compile what nobody calls. */
export const lazily = (schema: TSchema): (() => Validator) => {
  let validator: Validator | undefined;
  return () => (validator ??= Compile(schema));
};

/** @throws VALIDATION_FAILED with the first violations */
export type Accept = (value: unknown, language?: Language) => unknown;

/** Prepares the check of a schema. It answers the value in its one spelling, and never changes what it was given. */
export function acceptor(schema: TSchema): Accept {
  const validator = lazily(schema);
  const normalise = normaliser(schema);
  return (value, language) => {
    const normal = normalise ? normalise(value) : value;
    if (validator().Check(normal)) return normal;
    throw sharedError("VALIDATION_FAILED", { errors: violationsOf(schema, normal, language) });
  };
}
