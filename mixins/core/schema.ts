/** Shapes that contracts share. Everything is bounded: strings have a length, lists a size, numbers a range. */
import Type, { type Static, type TSchema } from "typebox";

/** Unknown fields are refused. */
export const Strict = <P extends Record<string, TSchema>>(properties: P, options: object = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false });

/** One line that people read. `formats.ts` says what it may hold; lengths are counted in its NFC. */
export const Text = (maxLength: number, minLength = 1) => Type.String({ format: "line", minLength, maxLength });

/** The same of several lines. */
export const Paragraphs = (maxLength: number, minLength = 1) => Type.String({ format: "text", minLength, maxLength });

/** As it came, to the letter: what its sender has signed. */
export const Raw = (maxLength: number, minLength = 1) => Type.String({ format: "raw", minLength, maxLength });

/** One word of a machine or a number to call, as a pattern describes it. */
export const Code = (pattern: string, maxLength: number) => Type.String({ format: "code", pattern, maxLength });

/** Neither shown nor kept. */
export const Password = (maxLength: number, minLength = 1) => Type.String({ format: "password", minLength, maxLength });

/** UUIDv7 of ours; any UUID is read. */
export const Id = Type.String({ format: "uuid", maxLength: 36 });

/** RFC 3339. What comes in may be of any zone, and arrives in UTC; `clock.ts` says which years. */
export const Timestamp = Type.String({ format: "date-time", maxLength: 40 });

/** Each role may do what the ones before it may. */
export const roles = ["customer", "staff", "admin"] as const;
export const Role = Type.Enum([...roles], { title: "Role" });
export type Role = Static<typeof Role>;

export const Email = Type.String({ format: "email", maxLength: 254 });

/** Largest amount, in minor units: sums of thousands of them stay exact. */
export const MAX_AMOUNT = 1_000_000_000_000;

/** Minor units of a currency: KRW and JPY have none, USD two, KWD three (ISO 4217). */
export const Money = Strict(
  {
    amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT }),
    currency: Type.Enum(["KRW", "JPY", "USD", "EUR", "KWD"]),
  },
  { title: "Money" },
);
export type Money = Static<typeof Money>;

export const ById = Strict({ id: Id });

/** Answer of an action that has nothing to say (204). */
export const Nothing = Type.Null();

export const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  // Long enough for a position that holds the key of a name of 200 characters.
  cursor: Type.Optional(Text(4000)),
};

export const Page = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) });

/** What a `live` action answers: what happened after `after`, oldest first. */
export const LiveItems = Type.Object({
  items: Type.Array(Type.Object({ id: Type.String(), event: Type.String(), data: Type.Unknown() })),
});
