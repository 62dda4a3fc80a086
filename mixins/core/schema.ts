/** Schemas that contracts share. Each is bounded: strings have a length, lists a size, numbers a range. */
import Type, { type Static, type TSchema } from "typebox";

/** A schema as code reads it that walks through one. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/** An object that refuses unknown fields. */
export const Strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false });

/** One line of text for people. `formats.ts` defines which characters it may hold; lengths are counted after NFC. */
export const Text = (maxLength: number, minLength = 1) => Type.String({ format: "line", minLength, maxLength });

export const Paragraphs = (maxLength: number, minLength = 1) => Type.String({ format: "text", minLength, maxLength });

/** Bytes in JSON. Clients know by `contentEncoding` that they may take the bytes themselves. */
export const Base64 = (maxLength: number, description: string) =>
  Type.String({ pattern: "^[A-Za-z0-9+/]+={0,2}$", maxLength, contentEncoding: "base64", description });

/** Text that is kept exactly as it came, because its sender signed it. */
export const Raw = (maxLength: number, minLength = 1) => Type.String({ format: "raw", minLength, maxLength });

/** A machine-readable word or a telephone number, described by a pattern. */
export const Code = (pattern: string, maxLength: number) => Type.String({ format: "code", pattern, maxLength });

/** A password, which is neither shown nor stored. */
export const Password = (maxLength: number, minLength = 1) => Type.String({ format: "password", minLength, maxLength });

export const COUNTRY_PATTERN = "^[A-Z]{2}$";
export const Country = Type.String({ pattern: COUNTRY_PATTERN, maxLength: 2, description: "ISO 3166-1 alpha-2" });

/** Our ids are UUIDv7, but any UUID is accepted. */
export const Id = Type.String({ format: "uuid", maxLength: 36 });

/** An RFC 3339 time. Input may have any time zone and is normalised to UTC; `clock.ts` defines the range of years. */
export const Timestamp = Type.String({ format: "date-time", maxLength: 40 });

/** Each role has all rights of the roles before it. */
export const roles = ["customer", "staff", "admin"] as const;
export const Role = Type.Enum([...roles], { title: "Role" });
export type Role = Static<typeof Role>;

/** Of a member of staff, or of an API key. */
export const Permissions = Type.Array(
  Type.String({
    pattern: "^(?:[*]|[a-z][a-z-]*[.](?:[*]|[A-Za-z]+))$",
    maxLength: 80,
    examples: ["product.*"],
  }),
  {
    maxItems: 100,
    uniqueItems: true,
    description:
      "Names of actions such as `product.update`, `product.*` for all of a service, or `*` for all there are",
  },
);

export const Email = Type.String({ format: "email", maxLength: 254 });

/** The largest amount, in minor units. Sums of thousands of such amounts stay exact. */
export const MAX_AMOUNT = 1_000_000_000_000;

/** An amount in minor units of its currency: KRW and JPY have none, USD has two digits, KWD three (ISO 4217). */
export const Money = Strict(
  {
    amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT }),
    currency: Type.Enum(["KRW", "JPY", "USD", "EUR", "KWD"]),
  },
  { title: "Money" },
);
export type Money = Static<typeof Money>;

export const ById = Strict({ id: Id });

/** The answer of an action that returns nothing (204). */
export const Nothing = Type.Null();

export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  // Long enough for a position that holds the key of a name of 200 characters.
  cursor: Type.Optional(Text(4000)),
};

export const Page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) });

/** The answer of a `live` action: the items after the position `after`, oldest first. */
export const LiveItems = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String({ description: "Its position: who asks with it as `after` goes on behind it" }),
      event: Type.String({ description: "What happened, such as order.confirmed" }),
      data: Type.Unknown(),
    }),
  ),
});
