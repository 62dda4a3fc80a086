/** The rules of options and of the variants that they make: which are changes, which are refused, what a variant is called. */
import { newId } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";
import { product } from "./product.contract.ts";

/** Variants of one product. */
export const MOST_VARIANTS = 100;

export interface Value {
  readonly id: string;
  readonly value: string;
}
export interface Option {
  readonly id: string;
  readonly name: string;
  readonly values: Value[];
}

interface WantedValue {
  readonly id?: string;
  readonly value: string;
}
interface WantedOption {
  readonly id?: string;
  readonly name: string;
  readonly values: readonly WantedValue[];
}

export const readOptions = (stored: string | null): Option[] =>
  stored === null ? [] : (JSON.parse(stored) as Option[]);

/** As one text, in which the order of the options counts. */
export const combinationOf = (values: readonly Value[]): string => values.map(({ id }) => id).join(",");

/** What a variant has of each option. Another name for what another language calls it. */
export function chosenOf(options: readonly Option[], combination: string) {
  const ids = combination.split(",");
  return options.flatMap(({ name, values }) => {
    const chosen = values.find(({ id }) => ids.includes(id));
    return chosen ? [{ name, value: chosen.value }] : [];
  });
}

function checkDifferent(names: readonly string[], pointer: string): void {
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  const detail = { en: "is there twice", ko: "같은 항목이 두 번 있습니다" };
  if (twice >= 0) throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: `${pointer}/${twice}`, detail }] });
}

/** What has an id is that one; what has none is the one of the same name, or new. @throws OPTION_UNKNOWN */
function identify<T extends { readonly id: string }>(
  known: readonly T[],
  { id }: { readonly id?: string },
  isNamed: (one: T) => boolean,
): string {
  if (id !== undefined && !known.some((one) => one.id === id)) throw product.error("OPTION_UNKNOWN", { id });
  return id ?? known.find(isNamed)?.id ?? newId();
}

/** The options that a product gets, with the ids of those that it has. @throws OPTION_UNKNOWN, VALIDATION_FAILED */
export function mergeOptions(known: readonly Option[], wanted: readonly WantedOption[]): Option[] {
  const merged = wanted.map((option) => {
    const id = identify(known, option, ({ name }) => name === option.name);
    const before = known.find((one) => one.id === id)?.values ?? [];
    const values = option.values.map((one) => ({
      id: identify(before, one, ({ value }) => value === one.value),
      value: one.value,
    }));
    return { id, name: option.name, values };
  });
  checkDifferent(
    merged.map(({ name }) => name),
    "/options",
  );
  checkDifferent(
    merged.map(({ id }) => id),
    "/options",
  );
  for (const [index, { values }] of merged.entries()) {
    checkDifferent(
      values.map(({ value }) => value),
      `/options/${index}/values`,
    );
    checkDifferent(
      values.map(({ id }) => id),
      `/options/${index}/values`,
    );
  }
  return merged;
}

/**
 * While there are variants, each must keep its value of each option, and no option may come or go.
 * @param combinations of the variants
 * @throws OPTION_IN_USE
 */
export function checkUnused(known: readonly Option[], next: readonly Option[], combinations: readonly string[]): void {
  if (combinations.length === 0) return;
  const ids = (options: readonly Option[]) => options.map(({ id }) => id).join();
  const kept = new Set(next.flatMap(({ values }) => values.map(({ id }) => id)));
  const lost = combinations.some((one) => one.split(",").some((id) => !kept.has(id)));
  // Combinations are written in the order of the options.
  if (lost || ids(known) !== ids(next)) throw product.error("OPTION_IN_USE");
}

/** One value of each option, in their order. @throws OPTION_VALUE_UNKNOWN */
export function chosen(options: readonly Option[], values: readonly string[]): Value[] {
  const found = options.map(({ values: own }, index) => own.find(({ value }) => value === values[index]));
  const missing = found.indexOf(undefined);
  if (missing >= 0 || values.length !== options.length)
    throw product.error("OPTION_VALUE_UNKNOWN", { option: options[missing]?.name ?? null });
  return found as Value[];
}

/** Every combination, the values of the last option changing first. */
export const combinations = (options: readonly Option[]): Value[][] =>
  options.reduce<Value[][]>(
    (begun, { values }) => begun.flatMap((one) => values.map((value) => [...one, value])),
    [[]],
  );

/** Every combination with an SKU, numbered behind the prefix. */
export const numbered = (options: readonly Option[], skuPrefix: string) =>
  combinations(options).map((values, number) => ({ values, sku: `${skuPrefix}-${number + 1}` }));

/** How many there are, without making them. */
export const countCombinations = (options: readonly Option[]): number =>
  options.reduce((count, { values }) => count * values.length, 1);
