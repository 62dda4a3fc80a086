/** The rules of shipping fees: the rule of a country, and the step of a subtotal. */
import { order } from "./order.contract.ts";

interface Step {
  readonly from: number;
  readonly fee: number;
}

export interface Rule {
  readonly name: string;
  /** Undefined for every country that has no rule of its own. */
  readonly country?: string | undefined;
  readonly steps: readonly Step[];
}

/** @param country of the delivery; undefined while it is not known */
export const ruleFor = (rules: readonly Rule[], country: string | undefined): Rule | undefined =>
  rules.find((rule) => country !== undefined && rule.country === country) ??
  rules.find((rule) => rule.country === undefined);

/** The fee of the last step that the subtotal reaches; 0 below the first. Amounts are minor units. */
export const feeOf = ({ steps }: Rule, subtotal: number): number =>
  steps
    .filter(({ from }) => from <= subtotal)
    .toSorted((a, b) => a.from - b.from)
    .at(-1)?.fee ?? 0;

/** @throws RULES_AMBIGUOUS when two rules are for the same country, or two steps for the same subtotal */
export function checkRules(rules: readonly Rule[]): void {
  const isTwice = (values: readonly unknown[]) => new Set(values).size < values.length;
  if (isTwice(rules.map(({ country }) => country)) || rules.some(({ steps }) => isTwice(steps.map(({ from }) => from))))
    throw order.error("RULES_AMBIGUOUS");
}
