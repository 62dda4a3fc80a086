/** How large the body of each route may be: what its schema can need, and never more. */
import { AllServices, type Person } from "../support/systems/all-services.ts";
import { type Document, type ApiOperation, operationsOf, type Schema } from "../support/fixtures/operations.ts";
import { send } from "../support/actors/raw-request.ts";
import document from "../../docs/openapi.json" with { type: "json" };

const STEP = 16 * 1024;
const ID = "00000000-0000-7000-8000-000000000000";

const changing = operationsOf(document as unknown as Document).filter(({ method }) => method !== "GET");

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

const ask = async ({ method, path, raw }: ApiOperation, body: string) => {
  const url = path.replaceAll(/\{\w+\}/g, raw ? "sandbox" : ID);
  const headers = { "content-type": "application/json", "idempotency-key": "limits" };
  const answer = await send(allServices, { method, url, headers, body }, admin.token);
  return { status: answer.status, ...(answer.body as { code?: string; limit?: number } | null) };
};

/** As long as everything may be, in Hangul that is written in escapes. */
function longest(schema: Schema): unknown {
  const {
    type,
    format,
    pattern,
    maxLength = 0,
    maxItems = 0,
    items,
    anyOf,
    properties = {},
  } = schema as {
    [keyword: string]: never;
  };
  if ("enum" in schema) return (schema["enum"] as unknown[]).at(-1);
  if (anyOf) return longest((anyOf as Schema[])[0]!);
  if (type === "string") return (format === "uuid" || format === "date-time" || pattern ? "a" : "가").repeat(maxLength);
  if (type === "array") return Array.from({ length: maxItems }, () => longest(items!));
  if (type === "object")
    return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, longest(one as Schema)]));
  return type === "boolean" ? false : Number.MAX_SAFE_INTEGER;
}

const escaped = (value: unknown): string => JSON.stringify(value, null, 2).replaceAll("가", "\\uac00");

describe.each(changing)("$id ($method $path)", (operation) => {
  it("takes a body of its limit and refuses one byte more", async () => {
    const { status, code, limit = 0 } = await ask(operation, " ".repeat(1024 * 1024));
    expect([status, code, limit % STEP]).toEqual([413, "PAYLOAD_TOO_LARGE", 0]);
    expect((await ask(operation, " ".repeat(limit + 1))).status).toBe(413);
    expect((await ask(operation, " ".repeat(limit))).status).not.toBe(413);
  });

  it("has room for the longest body that its schema describes", async () => {
    if (operation.body === undefined) return;
    expect((await ask(operation, escaped(longest(operation.body)))).status).not.toBe(413);
  });
});

it("is 16 KiB on most routes", async () => {
  const limits = await Promise.all(
    changing.map(async (one) => [one, (await ask(one, " ".repeat(1024 * 1024))).limit!] as const),
  );
  const larger = limits.filter(([, limit]) => limit > STEP).map(([{ id }, limit]) => [id, limit / 1024]);
  expect(Object.fromEntries(larger)).toEqual({
    "content.create": 192,
    "content.update": 192,
    "notification.createTemplateVersion": 160,
    "notification.receiveBounce": 64,
    "order.cancelGuestItems": 160,
    "order.cancelItems": 160,
    "order.create": 176,
    "order.createGuestReturn": 208,
    "order.createReturn": 208,
    "order.createShipment": 160,
    "order.quote": 160,
    "order.receiveTracking": 64,
    "order.setShippingRules": 112,
    "order.updateReturn": 64,
    "payment.receiveWebhook": 256,
    "playback.receiveTelemetry": 64,
    "product.addImage": 944,
    "product.addImportPart": 944,
    "product.create": 128,
    "product.createImport": 944,
    "product.createVariant": 64,
    "product.setOptions": 112,
    "product.setTranslation": 224,
    "product.update": 128,
  });
});
