/** Values for examples: what stands in a field is known by its name or its format, and its schema says the rest. */
import type { JsonSchema } from "#core/schema.ts";
import type { Json } from "./openapi.schemas.ts";

const ID = "01a1fce1-e04c-7423-b251-56879fb500d6";

/** By the field's name; the path of a nested one ends with it. */
const known: Readonly<Record<string, unknown>> = {
  amount: 39_000,
  carrier: "cj-logistics",
  city: "서울",
  country: "KR",
  code: "premium",
  cursor: "WyIwMWExZmNlMSJd",
  day: "2026-11-27",
  description: "200 ml, 머그 한 개",
  auth: "tBHItJI5svbpez7KI4CCXg",
  email: "alex@madang.example",
  endpoint: "https://push.example.com/send/f3Wb",
  p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
  language: "en",
  line1: "세종대로 110",
  name: "Alex Reed",
  nextCursor: null,
  password: "a-long-passphrase-of-mine",
  currentPassword: "a-long-passphrase-of-mine",
  newPassword: "another-long-passphrase",
  appCode: "492039",
  secondCode: "492039",
  challenge: "AZhnnhGgcACAAAAAAAAAAQxJ0V2mQh3bWq0Qe6Zy0nX8rJcY1uKpTfLsGdHoEaBv",
  linkToken: "AZhnnhGgcACAAAAAAAAAAQxJ0V2mQh3bWq0Qe6Zy0nX8rJcY1uKpTfLsGdHoEaBv",
  paymentMethod: "tok_success",
  phone: "+82 10 1234 5678",
  pin: "2468",
  newPin: "8642",
  postalCode: "04524",
  provider: "api.twilio.com",
  publicKey: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
  quantity: 2,
  reason: "damaged in transit",
  region: "KR",
  regions: "KR",
  refreshToken: "01a1fce1-e04c-7423-b251-56879fb500d6.example",
  sku: "TEA-HADONG-50",
  skuPrefix: "SHIRT",
  slug: "hadong-green-tea",
  token: "tok_success",
  trackingNumber: "CJ-6892-0417-33",
  url: "https://erp.example.com/madang/hooks",
  value: "Indigo",
  values: "Indigo",
  hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  userCode: "WDJB-MJHT",
  "Cart-Token": "nJ2yHk0sVv7m4cQ8rT1xZ5bW9eLfA3gD6uP-iOqKjEw",
  cartToken: "nJ2yHk0sVv7m4cQ8rT1xZ5bW9eLfA3gD6uP-iOqKjEw",
  "Order-Token": "AZyH9Qb7cQ2dX1u0pK3vTWm4sYh8nLr6aE5oGj-iFkCzBtNwRxDVqMJPUgHSlyZO",
  orderToken: "AZyH9Qb7cQ2dX1u0pK3vTWm4sYh8nLr6aE5oGj-iFkCzBtNwRxDVqMJPUgHSlyZO",
  "Idempotency-Key": "3f0c1c2e-7a0d-4b8e-9d63-2f7d0e6a51c4",
  "If-Match": '"3"',
  "If-None-Match": '"3"',
  "Last-Event-ID": "4",
};

const byFormat: Readonly<Record<string, unknown>> = {
  uuid: ID,
  "date-time": "2026-11-26T09:30:00.000Z",
  email: known["email"],
  uri: "https://example.com/",
};

export class Examples {
  readonly #named: Json;

  /** @param named the schemas of the document, by name */
  constructor(named: Json) {
    this.#named = named;
  }

  /** @param isWhole with optional fields too, as an answer has them */
  of(schema: object, name = "", isWhole = false): unknown {
    const { $ref, anyOf, items, properties, required = [], ...rest } = schema as JsonSchema;
    if ($ref) return this.of(this.#named[$ref.split("/").at(-1)!] as object, name, isWhole);
    if (rest.examples) return rest.examples[0];
    if (anyOf) return this.of(anyOf[0]!, name, isWhole);
    if (items) return [this.of(items, name, isWhole)];
    if (!properties) return valueOf(rest, name);
    const shown = Object.entries(properties).filter(([key]) => isWhole || required.includes(key));
    // A change without a field would change nothing.
    const fields = shown.length > 0 ? shown : Object.entries(properties).slice(0, 1);
    return Object.fromEntries(fields.map(([key, one]) => [key, this.of(one, key, isWhole)]));
  }
}

function valueOf(schema: JsonSchema, name: string): unknown {
  const { type = "string", format = "", minimum = 1, maximum = Infinity } = schema;
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [kind, orNull] = [type].flat();
  // What may be absent mostly is, unless it refers to something.
  if (kind === "null" || (orNull === "null" && format === "")) return null;
  const value = known[name] ?? byFormat[format];
  if (kind === "boolean") return true;
  if (kind === "integer" || kind === "number")
    return Math.min(Math.max(typeof value === "number" ? value : 1, minimum), maximum);
  return typeof value === "string" && value.length <= (schema.maxLength ?? Infinity) ? value : text(schema, name);
}

const text = ({ minLength = 0, maxLength = Infinity }: JsonSchema, name: string): string =>
  (name || "text").padEnd(minLength, "-").slice(0, maxLength);
