/** What the .proto files say, as data: a pure function of the contracts and of the field numbers that were given before. */
import type { ActionDefinition, Contract } from "#core/contract.ts";
import type { JsonSchema } from "#core/schema.ts";
import { liveEvents } from "#mixins/gateway/live-events.ts";

/** By the full name of a message the number of each field it has or had. Numbers are never given twice. */
export type FieldNumbers = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where Protobuf keeps what may be anything, or nothing. */
const STRUCT = "google/protobuf/struct.proto";
export const VALUE = "google.protobuf.Value";
export const NULL = "google.protobuf.NullValue";

export interface ProtoField {
  readonly name: string;
  /** In the contract. */
  readonly jsonName: string;
  readonly number: number;
  /** A scalar type, or the full name of another. */
  readonly type: string;
  readonly label: "" | "optional" | "repeated" | "map";
  /** The name of the alternatives to which it belongs: a value or that there shall be none, or the events of a live stream. */
  readonly oneof?: string;
  readonly about?: string;
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  /** Fields that it had once. */
  readonly reserved: readonly (readonly [name: string, number: number])[];
}

export interface ProtoMethod {
  readonly name: string;
  /** In the contract. */
  readonly action: string;
  readonly definition: ActionDefinition;
  /** Full names of messages. */
  readonly request: string;
  readonly response: string;
}

export interface ProtoFile {
  readonly path: string;
  readonly package: string;
  readonly service: string;
  readonly contract: Contract;
  /** Files of others that it needs. */
  readonly imports: readonly string[];
  readonly methods: readonly ProtoMethod[];
  readonly messages: readonly ProtoMessage[];
}

const scalars: Readonly<Record<string, string>> = {
  boolean: "bool",
  integer: "int64",
  number: "double",
  string: "string",
};

export const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const pascal = (name: string): string =>
  name.replaceAll(/(?:^|[-_ ])([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The schema of a value that is there, and whether there may be none. */
export function presentIn(schema: JsonSchema): { readonly schema: JsonSchema; readonly isNullable: boolean } {
  if (!schema.anyOf) return { schema, isNullable: false };
  const [only, ...others] = schema.anyOf.filter(({ type }) => type !== "null");
  if (!only || others.length > 0) throw new Error(`No .proto can say ${JSON.stringify(schema)}.`);
  return { schema: only, isNullable: schema.anyOf.length > 1 };
}

/** What the values of a map are; undefined for what is no map. */
export const mappedBy = ({ patternProperties }: JsonSchema): JsonSchema | undefined =>
  patternProperties && Object.values(patternProperties)[0];

export const isOffered = ({ auth, raw }: ActionDefinition): boolean => auth !== "service" && !raw;

/** What clients and proxies may take for granted of a method. */
export const levelOf = ({ rest, idempotent }: ActionDefinition): "NO_SIDE_EFFECTS" | "IDEMPOTENT" | undefined =>
  rest?.startsWith("GET ") ? "NO_SIDE_EFFECTS" : idempotent ? "IDEMPOTENT" : undefined;

/** The alternatives of a live stream's item: one for each event, with the type of its data. */
export const HAPPENED = "happened";

/** The field of an event: `order.delivery_failed` is `orderDeliveryFailed` in JSON, and `order_delivery_failed` in a .proto. */
export const eventKey = (event: string): string =>
  event.replaceAll(/[._-]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

class FileWriter {
  readonly #contract: Contract;
  readonly #package: string;
  readonly #numbers: Record<string, Record<string, number>>;
  readonly #messages = new Map<string, ProtoMessage>();
  readonly imports = new Set<string>();

  constructor(contract: Contract, name: string, numbers: Record<string, Record<string, number>>) {
    this.#contract = contract;
    this.#package = name;
    this.#numbers = numbers;
  }

  get messages(): ProtoMessage[] {
    return [...this.#messages.values()];
  }

  method([action, definition]: [string, ActionDefinition]): ProtoMethod {
    const name = pascal(action);
    const output = definition.output as JsonSchema;
    const request = this.#message(definition.input, `${name}Request`);
    const answer = `${name}Response`;
    const response = definition.live ? this.#item(definition, answer) : this.#answer(output, answer);
    return { name, action, definition, request, response };
  }

  /** What one item of a live stream is: beside its data as JSON, the same with the type that the contract gives its event. */
  #item(definition: ActionDefinition, name: string): string {
    const { items } = (definition.output as JsonSchema).properties!["items"]!;
    return this.#message(items!, name, () =>
      liveEvents(this.#contract, definition).map(([event, { summary, data }]) => {
        const jsonName = eventKey(event);
        return {
          name: snake(jsonName),
          jsonName,
          number: this.#number(`${this.#package}.${name}`, snake(jsonName)),
          type: this.#message(data, (data as JsonSchema).title ?? pascal(jsonName)),
          label: "",
          oneof: HAPPENED,
          about: summary,
        };
      }),
    );
  }

  /** @throws Error for an answer that is neither an object, nothing, nor unknown */
  #answer(schema: JsonSchema, name: string): string {
    if (schema.type === "null") return this.#message({}, name);
    if (schema.properties) return this.#message(schema, schema.title ?? name);
    const type = this.#type(schema, name);
    if (type === VALUE) return VALUE;
    throw new Error(`${this.#package}.${name} would be a ${type}, but only a message can be answered.`);
  }

  /** @throws Error when two shapes have one name */
  #message(schema: JsonSchema, name: string, further: () => readonly ProtoField[] = () => []): string {
    const full = `${this.#package}.${name}`;
    const own = Object.entries(schema.properties ?? {}).flatMap(([key, one]) =>
      this.#fields(name, key, one, schema.required?.includes(key) ?? false),
    );
    // Their numbers follow.
    const fields = [...own, ...further()];
    const current = new Set(fields.map((field) => field.name));
    const reserved = Object.entries(this.#numbers[full] ?? {}).filter(([field]) => !current.has(field));
    const message = { name, fields: fields.toSorted((a, b) => a.number - b.number), reserved };
    const known = this.#messages.get(name);
    if (known && JSON.stringify(known) !== JSON.stringify(message))
      throw new Error(`Two shapes have the name ${full}: give one of them another title.`);
    this.#messages.set(name, message);
    return full;
  }

  /** Usually one; two where a client may leave it as it is, change it, or take it away. */
  #fields(message: string, key: string, written: JsonSchema, isRequired: boolean): ProtoField[] {
    const { schema, isNullable } = presentIn(written);
    const name = snake(key);
    const about = written.description ?? schema.description;
    const field = (own: string, jsonName: string, rest: Pick<ProtoField, "type" | "label" | "oneof">): ProtoField => ({
      name: own,
      jsonName,
      number: this.#number(`${this.#package}.${message}`, own),
      ...rest,
      ...(about && own === name && { about }),
    });
    const values = schema.items ?? mappedBy(schema);
    const type = this.#type(values ?? schema, `${message}${pascal(key)}`);
    if (values) {
      if (isNullable) throw new Error(`${message}.${key} is a list that may be null, which no .proto can say.`);
      return [field(name, key, { type, label: schema.items ? "repeated" : "map" })];
    }
    if (isNullable && !isRequired) {
      const oneof = `${name}_or_null`;
      this.imports.add(STRUCT);
      return [
        field(name, key, { type, label: "", oneof }),
        field(`${name}_null`, `${key}Null`, { type: NULL, label: "", oneof }),
      ];
    }
    // A message may be absent by its nature.
    const mayBeAbsent = (isNullable || !isRequired) && !type.includes(".");
    return [field(name, key, { type, label: mayBeAbsent ? "optional" : "" })];
  }

  #type(schema: JsonSchema, name: string): string {
    const literal = schema.const ?? schema.enum?.[0];
    const kind = literal === undefined ? schema.type : typeof literal;
    if (kind === undefined && Object.keys(schema).every((word) => word === "description")) {
      this.imports.add(STRUCT);
      return VALUE;
    }
    const scalar = scalars[kind as string];
    if (scalar) return scalar;
    if (schema.properties) return this.#message(schema, schema.title ?? name);
    throw new Error(`${this.#package}.${name} is of a kind that no .proto can say: ${JSON.stringify(schema)}.`);
  }

  /** The one it has, or the next that no field of the message has had. */
  #number(message: string, field: string): number {
    const numbers = (this.#numbers[message] ??= {});
    return (numbers[field] ??= Math.max(0, ...Object.values(numbers)) + 1);
  }
}

function fileOf(contract: Contract, numbers: Record<string, Record<string, number>>): ProtoFile {
  const name = snake(contract.name.replaceAll("-", "_"));
  const folder = ["madang", name, `v${contract.version}`];
  const writer = new FileWriter(contract, folder.join("."), numbers);
  const methods = Object.entries(contract.actions)
    .filter(([, definition]) => isOffered(definition))
    .map((one) => writer.method(one));
  return {
    path: `${folder.join("/")}/${name}.proto`,
    package: folder.join("."),
    service: `${pascal(name)}Service`,
    contract,
    imports: [...writer.imports],
    methods,
    messages: writer.messages,
  };
}

/**
 * The files of all contracts but those of gateways, and the numbers with those that were new.
 * @throws Error for what no .proto can say
 */
export function protoOf(
  contracts: readonly Contract[],
  before: FieldNumbers,
): { readonly files: readonly ProtoFile[]; readonly numbers: FieldNumbers } {
  const numbers = Object.fromEntries(Object.entries(before).map(([name, fields]) => [name, { ...fields }]));
  const files = contracts.filter(({ gateway }) => !gateway).map((contract) => fileOf(contract, numbers));
  return { files: files.filter(({ methods }) => methods.length > 0), numbers };
}
