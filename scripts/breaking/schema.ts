/** What a change of a schema breaks: for those who send what it describes, or for those who read it. */
import type { JsonSchema } from "#core/schema.ts";

/**
 * `input`: what was taken must still be. `output`: what comes must be what readers know. `event`: both, because new readers
 * meet old events as well.
 */
export type Use = "input" | "output" | "event";

/** A broken promise. */
export interface Break {
  /** Fields from the outside to the inside: `items[].price`. Empty for the whole. */
  readonly field: string;
  /** @example "became required" */
  readonly what: string;
  /** What to do instead, as a command. */
  readonly instead: string;
}

/** Schemas by name, as `$ref` means them. */
export type Named = Readonly<Record<string, JsonSchema>>;

/** The schemas of two documents. */
export interface Both {
  readonly before: Named;
  readonly now: Named;
}

type Fault = readonly [what: string, instead: string];

const ANOTHER = "leave it as it was and add another field";

const resolved = (schema: JsonSchema, named: Named): JsonSchema =>
  schema.$ref ? resolved(named[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] ?? {}, named) : schema;

const wordsOf = ({ const: value, enum: words }: JsonSchema): readonly unknown[] | undefined =>
  words ?? (value === undefined ? undefined : [value]);

/** Empty for a schema that takes anything. */
function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.type !== undefined) return [schema.type].flat();
  return [...new Set((wordsOf(schema) ?? []).map((word) => (word === null ? "null" : typeof word)))];
}

const isAmong = (types: readonly string[], type: string): boolean =>
  types.length === 0 || types.includes(type) || (type === "integer" && types.includes("number"));
const takes = (types: readonly string[], others: readonly string[]): boolean =>
  others.length === 0 ? types.length === 0 : others.every((type) => isAmong(types, type));

function typeFaults(before: JsonSchema, now: JsonSchema, use: Use): Fault[] {
  const [old, own] = [typesOf(before), typesOf(now)];
  const isKept = (use === "output" || takes(own, old)) && (use === "input" || takes(old, own));
  const told = (types: readonly string[]) => types.join(" or ") || "any";
  return isKept ? [] : [[`has the type ${told(own)} instead of ${told(old)}`, ANOTHER]];
}

const listed = (words: readonly unknown[]): string => words.map((word) => JSON.stringify(word)).join(", ");

function wordFaults(before: JsonSchema, now: JsonSchema, use: Use): Fault[] {
  const [old, own] = [wordsOf(before), wordsOf(now)];
  const faults: Fault[] = [];
  if (use !== "output" && own) {
    const refused = old?.filter((word) => !own.includes(word));
    if (!refused) faults.push([`takes nothing but ${listed(own)}`, "take what was taken"]);
    else if (refused.length > 0) faults.push([`no longer takes ${listed(refused)}`, "take it as before"]);
  }
  if (use !== "input" && old) {
    const strange = own?.filter((word) => !old.includes(word));
    if (!strange) faults.push(["may be any word, where readers know a few", ANOTHER]);
    else if (strange.length > 0) faults.push([`may be ${listed(strange)}, which readers do not know`, ANOTHER]);
  }
  return faults;
}

const least = ["minimum", "minLength", "minItems"] as const;
const most = ["maximum", "maxLength", "maxItems"] as const;
const forms = ["pattern", "format", "uniqueItems"] as const;
type Bound = (typeof least | typeof most | typeof forms)[number];

/** Bounds that became narrower, for those who must keep them; and the format, by which readers parse. */
function boundFaults(before: JsonSchema, now: JsonSchema, use: Use): Fault[] {
  const changed = (bound: Bound): Fault => [
    `has the ${bound} ${String(now[bound] ?? "none")} instead of ${String(before[bound] ?? "none")}`,
    "leave it as it was",
  ];
  const isOtherFormat = before.format !== now.format;
  if (use === "output") return isOtherFormat ? [changed("format")] : [];
  const narrower = [
    ...least.filter((bound) => (now[bound] ?? -Infinity) > (before[bound] ?? -Infinity)),
    ...most.filter((bound) => (now[bound] ?? Infinity) < (before[bound] ?? Infinity)),
    ...forms.filter((form) => now[form] && now[form] !== before[form]),
  ];
  return [...narrower, ...(use === "event" && isOtherFormat && !now.format ? (["format"] as const) : [])].map(changed);
}

function fieldBreaks(before: JsonSchema, now: JsonSchema, path: string, use: Use, both: Both): Break[] {
  const [old, own] = [before.properties ?? {}, now.properties ?? {}];
  const breaks: Break[] = [];
  for (const name of new Set([...Object.keys(old), ...Object.keys(own)])) {
    const field = path === "" ? name : `${path}.${name}`;
    const add = (what: string, instead: string) => breaks.push({ field, what, instead });
    const [was, is] = [old[name], own[name]];
    const wasRequired = before.required?.includes(name) ?? false;
    const isRequired = now.required?.includes(name) ?? false;
    if (!is) add(use === "input" ? "is no longer taken" : "is gone", use === "input" ? "take it as before" : "keep it");
    else if (!was && isRequired && use !== "output") add("is new and required", "make it optional");
    else if (was) {
      if (isRequired && !wasRequired && use !== "output") add("became required", "leave it optional");
      if (wasRequired && !isRequired && use !== "input") add("may be absent now", "always give it");
      breaks.push(...compare(was, is, field, use, both));
    }
  }
  return breaks;
}

/** Entries of a record, whose names are free but for their pattern. */
function entryBreaks(before: JsonSchema, now: JsonSchema, path: string, use: Use, both: Both): Break[] {
  const own = now.patternProperties ?? {};
  return Object.entries(before.patternProperties ?? {}).flatMap(([pattern, was]) => {
    const is = own[pattern];
    if (is) return compare(was, is, path === "" ? "*" : `${path}.*`, use, both);
    const others = Object.keys(own).join(" or ") || "none";
    return [{ field: path, what: `has entries named ${others} instead of ${pattern}`, instead: ANOTHER }];
  });
}

/** An alternative that has no match on the other side differs as it does from the nearest there. */
function alternativeBreaks(before: JsonSchema, now: JsonSchema, path: string, use: Use, both: Both): Break[] {
  const [old, own] = [before.anyOf ?? [before], now.anyOf ?? [now]];
  const nearest = (all: readonly Break[][]): Break[] => all.toSorted((a, b) => a.length - b.length)[0] ?? [];
  const taken = () => old.flatMap((was) => nearest(own.map((is) => compare(was, is, path, "input", both))));
  const known = () => own.flatMap((is) => nearest(old.map((was) => compare(was, is, path, "output", both))));
  return [...(use === "output" ? [] : taken()), ...(use === "input" ? [] : known())];
}

/** No schema of a contract refers to itself. */
function compare(before: JsonSchema, now: JsonSchema, path: string, use: Use, both: Both): Break[] {
  const [old, own] = [resolved(before, both.before), resolved(now, both.now)];
  if (old.anyOf ?? own.anyOf) return alternativeBreaks(old, own, path, use, both);
  const faults = [typeFaults, wordFaults, boundFaults].flatMap((faultsOf) => faultsOf(old, own, use));
  return [
    ...faults.map(([what, instead]) => ({ field: path, what, instead })),
    ...(old.properties ? fieldBreaks(old, own, path, use, both) : []),
    ...entryBreaks(old, own, path, use, both),
    ...(old.items && own.items ? compare(old.items, own.items, `${path}[]`, use, both) : []),
  ];
}

/** Everything that a change breaks for those who use the schema in this way. */
export const schemaBreaks = (use: Use, before: JsonSchema, now: JsonSchema, both: Both): Break[] =>
  compare(before, now, "", use, both);
