/** The tools that are made of contracts: which actions agents may call, and how MCP describes each. */
import type { Tool } from "@modelcontextprotocol/server";
import type { ActionDefinition, Contract } from "#core/contract.ts";
import type { JsonSchema } from "#core/schema.ts";
import { type Accept, acceptor } from "#core/validation.ts";
import { type KeyRule, keyRuleOf } from "#mixins/gateway/key.ts";

/** An action that agents may call. */
export interface Offer {
  /** Of the tool. Many hosts of models take no dots in it. */
  readonly name: string;
  /** As the broker knows it. */
  readonly action: string;
  readonly definition: ActionDefinition;
  /** A person must agree before it is done. */
  readonly needsConfirmation: boolean;
  readonly keyRule: KeyRule;
  readonly accept: Accept;
  /** For a client that can ask its person. */
  readonly tool: Tool;
  /** For a client that cannot: where a person must agree, the arguments have a place for the confirmation. */
  readonly confirmedTool: Tool;
}

const childrenOf = ({ properties = {}, patternProperties = {}, items, anyOf = [] }: JsonSchema): JsonSchema[] => [
  ...Object.values(properties),
  ...Object.values(patternProperties),
  ...(items ? [items] : []),
  ...anyOf,
];
const holdsPassword = (schema: JsonSchema): boolean =>
  schema.format === "password" || childrenOf(schema).some(holdsPassword);

/**
 * Not what only services may call, and nothing without a route, which the contract keeps from all gateways. Not what needs
 * bytes as they were signed, nor what does not end. And neither what takes a password nor what has a limit of its own:
 * those guess or answer secrets, or answer with everything about a person, and a conversation is kept by others.
 */
export const isOffered = ({ auth, rest, raw, live, limit, input }: ActionDefinition): boolean =>
  auth !== "service" && rest !== undefined && !raw && !live && limit === undefined && !holdsPassword(input);

export const isReading = ({ rest }: ActionDefinition): boolean => rest?.startsWith("GET ") === true;

/** What moves money or stock (it needs an idempotency key), and whatever staff change, which concerns others. */
const needsConfirmation = (definition: ActionDefinition): boolean =>
  !isReading(definition) &&
  (keyRuleOf(definition) === "required" || definition.auth === "staff" || definition.auth === "admin");

/** Formats of JSON Schema. Our own mean nothing to clients, some of which warn of each. */
const FORMATS: ReadonlySet<string> = new Set(["uuid", "date-time", "email"]);

const plainEach = (schemas: Readonly<Record<string, JsonSchema>>) =>
  Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, plain(one)]));

function plain(schema: JsonSchema): JsonSchema {
  const { format, properties, patternProperties, items, anyOf, ...rest } = schema;
  return {
    ...rest,
    ...(format !== undefined && FORMATS.has(format) && { format }),
    ...(properties && { properties: plainEach(properties) }),
    ...(patternProperties && { patternProperties: plainEach(patternProperties) }),
    ...(items && { items: plain(items) }),
    ...(anyOf && { anyOf: anyOf.map(plain) }),
  };
}

const CONFIRMATION: JsonSchema = {
  type: "string",
  maxLength: 200,
  description: "Left out at first. The answer then brings it, for a second call once the person has agreed.",
};

const withConfirmation = (input: JsonSchema): JsonSchema => ({
  ...input,
  properties: { ...input.properties, confirmation: CONFIRMATION },
});

/** The hints of MCP, which hosts use to decide what their person should see before it happens. */
function annotationsOf(definition: ActionDefinition): NonNullable<Tool["annotations"]> {
  const isRead = isReading(definition);
  const { rest, status, idempotent = false } = definition;
  const isAdding = rest?.startsWith("POST ") === true && status === 201;
  return {
    readOnlyHint: isRead,
    destructiveHint: !isRead && (!isAdding || needsConfirmation(definition)),
    idempotentHint: isRead || idempotent || rest?.startsWith("POST ") !== true,
    openWorldHint: false,
  };
}

/** `order_create`; a later version of a contract has its number beside the service's name. */
export const toolName = ({ name, version }: Pick<Contract, "name" | "version">, action: string): string =>
  `${version > 1 ? `${name}-v${version}` : name}_${action}`;

function descriptionOf(contract: Contract, definition: ActionDefinition): string {
  const { summary, auth, unfinished, shownBy, deprecated } = definition;
  return [
    `${summary}.`,
    auth === "staff" || auth === "admin" ? `For ${auth === "staff" ? "staff" : "administrators"}.` : "",
    needsConfirmation(definition) ? "A person must confirm it." : "",
    unfinished && shownBy ? `Its work may go on after the answer: ${toolName(contract, shownBy)} shows how.` : "",
    deprecated ? `Deprecated since ${deprecated.since}.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function offerOf(contract: Contract, key: string, definition: ActionDefinition): Offer {
  const name = toolName(contract, key);
  const input = plain(definition.input);
  const output = plain(definition.output);
  const tool = {
    name,
    title: definition.summary,
    description: descriptionOf(contract, definition),
    inputSchema: input,
    // An answer of another type has no place in a result.
    ...(output.type === "object" && { outputSchema: output }),
    annotations: annotationsOf(definition),
  } as Tool;
  const asks = needsConfirmation(definition);
  return {
    name,
    action: `v${contract.version}.${contract.name}.${key}`,
    definition,
    needsConfirmation: asks,
    keyRule: keyRuleOf(definition),
    accept: acceptor(definition.input),
    tool,
    confirmedTool: asks ? ({ ...tool, inputSchema: withConfirmation(input) } as Tool) : tool,
  };
}

/** @throws Error when an action has an argument of the name that confirmations have */
export function offersOf(contracts: readonly Contract[]): readonly Offer[] {
  const offers = contracts.flatMap((contract) =>
    Object.entries(contract.actions)
      .filter(([, definition]) => isOffered(definition))
      .map(([key, definition]) => offerOf(contract, key, definition)),
  );
  const taken = offers.find(
    ({ needsConfirmation: asks, definition: { input } }) =>
      asks && "confirmation" in ((input as JsonSchema).properties ?? {}),
  );
  if (taken) throw new Error(`${taken.action} must not have an argument named confirmation.`);
  return offers;
}
