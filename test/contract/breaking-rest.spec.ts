/** What `npm run check` refuses of a changed HTTP API, and what it lets pass. */
import { type OpenApi, restBreaks } from "../../scripts/breaking/rest.ts";
import { breakableApi as base, object, text } from "../support/fixtures/breakable-api.ts";

const ROUTE = "POST /api/v1/orders";
const VERSION = "or offer it otherwise in a new version of the service beside this one";
type Draft = typeof base;
/** Whatever a spec needs to write. */
// oxlint-disable-next-line typescript/no-explicit-any -- written by path only
type Loose = any;

function changed(change: (draft: Loose) => void, from: OpenApi = base): string[] {
  const draft = structuredClone(from) as Draft;
  change(draft);
  return restBreaks(from, draft, "2026-11-27");
}

const post = (draft: Loose): Loose => draft.paths["/api/v1/orders"].post;
const body = (draft: Loose): Loose => post(draft).requestBody.content["application/json"].schema;
const answer = (draft: Loose): Loose => post(draft).responses["201"].content["application/json"].schema;
const line = (draft: Loose): Loose => draft.components.schemas.Line;

type Sample = readonly [what: string, change: (draft: Loose) => void, told: string];

const refused: readonly Sample[] = [
  ["a method that is gone", (d) => delete d.paths["/api/v1/orders"].post, " is gone"],
  ["a path that is gone", (d) => delete d.paths["/api/v1/orders"], " is gone"],
  ["another name", (d) => (post(d).operationId = "order.place"), ": it is order.place instead of order.create"],
  ["fewer who may call", (d) => (post(d)["x-access"] = "staff"), ": it is for staff instead of customer"],
  [
    "a new parameter that is required",
    (d) => post(d).parameters.push({ name: "region", in: "query", required: true, schema: text }),
    ": the query parameter region is new and required: make it optional",
  ],
  [
    "a parameter that became required",
    (d) => (post(d).parameters[1].required = true),
    ": the query parameter limit became required: leave it optional",
  ],
  [
    "a parameter that is gone",
    (d) => post(d).parameters.pop(),
    ": the query parameter limit is no longer taken: take it as before",
  ],
  [
    "a narrower parameter",
    (d) => (post(d).parameters[1].schema.maximum = 50),
    ": the query parameter limit has the maximum 50 instead of 100",
  ],
  [
    "a new field that is required",
    (d) => {
      body(d).properties.city = text;
      body(d).required.push("city");
    },
    ": the field city of the body is new and required: make it optional",
  ],
  [
    "a field that became required",
    (d) => body(d).required.push("channel"),
    ": the field channel of the body became required: leave it optional",
  ],
  [
    "a field that is no longer taken",
    (d) => delete body(d).properties.channel,
    ": the field channel of the body is no longer taken: take it as before",
  ],
  [
    "a new required field of a named shape in a list",
    (d) => {
      line(d).properties.size = text;
      line(d).required.push("size");
    },
    ": the field items[].size of the body is new and required",
  ],
  [
    "fewer words",
    (d) => (body(d).properties.channel.enum = ["web"]),
    ': the field channel of the body no longer takes "app": take it as before',
  ],
  [
    "words where there was any",
    (d) => (line(d).properties.productId.enum = ["a"]),
    ': the field items[].productId of the body takes nothing but "a"',
  ],
  [
    "null that is no longer taken",
    (d) => (body(d).properties.phone.type = "string"),
    ": the field phone of the body has the type string instead of string or null",
  ],
  [
    "a shorter text",
    (d) => (body(d).properties.phone.maxLength = 20),
    ": the field phone of the body has the maxLength 20 instead of 30",
  ],
  [
    "a new pattern",
    (d) => (body(d).properties.phone.pattern = "^\\d+$"),
    ": the field phone of the body has the pattern ^\\d+$ instead of none",
  ],
  [
    "a shorter list",
    (d) => (body(d).properties.items.maxItems = 3),
    ": the field items of the body has the maxItems 3 instead of 5",
  ],
  [
    "whole numbers where there were any",
    (d) => (line(d).properties.quantity.type = "string"),
    ": the field items[].quantity of the body has the type string instead of integer",
  ],
  [
    "a shorter entry of a record",
    (d) => (body(d).properties.labels.patternProperties["^[a-z]+$"].maxLength = 20),
    ": the field labels.* of the body has the maxLength 20 instead of 100",
  ],
  [
    "other names of a record's entries",
    (d) => rename(body(d).properties.labels.patternProperties, "^[a-z]+$", "^[a-f]+$"),
    ": the field labels of the body has entries named ^[a-f]+$ instead of ^[a-z]+$",
  ],
  ["a body that is gone", (d) => delete post(d).requestBody, ": the body is no longer taken"],
  ["another status", (d) => rename(post(d).responses, "201", "200"), ": it no longer answers 201: keep the status"],
  [
    "one more status",
    (d) => (post(d).responses["202"] = post(d).responses["201"]),
    ": it may answer 202 now: keep the status",
  ],
  [
    "an answer without a field",
    (d) => delete answer(d).properties.total,
    ": the field total of the answer 201 is gone: keep it",
  ],
  [
    "an answer without a field that it may have had",
    (d) => delete answer(d).properties.note,
    ": the field note of the answer 201 is gone: keep it",
  ],
  [
    "a field of an answer that may be absent now",
    (d) => answer(d).required.pop(),
    ": the field total of the answer 201 may be absent now: always give it",
  ],
  [
    "a word that readers do not know",
    (d) => d.components.schemas.Status.enum.push("shipped"),
    ': the field status of the answer 201 may be "shipped", which readers do not know',
  ],
  [
    "any word where there were few",
    (d) => delete d.components.schemas.Status.enum,
    ": the field status of the answer 201 may be any word, where readers know a few",
  ],
  [
    "null that readers do not know",
    (d) => (answer(d).properties.total.type = ["integer", "null"]),
    ": the field total of the answer 201 has the type integer or null instead of integer",
  ],
  [
    "fractions where there were whole numbers",
    (d) => (answer(d).properties.total.type = "number"),
    ": the field total of the answer 201 has the type number instead of integer",
  ],
  [
    "another format",
    (d) => delete answer(d).properties.id.format,
    ": the field id of the answer 201 has the format none instead of uuid",
  ],
  [
    "a field that is gone from the entries of a record",
    (d) => delete d.components.schemas.Fee.properties.reason,
    ": the field fees.*.reason of the answer 201 is gone: keep it",
  ],
  [
    "a record without entries",
    (d) => delete answer(d).properties.fees.patternProperties,
    ": the field fees of the answer 201 has entries named none instead of ^[A-Z]+$",
  ],
  [
    "a field that is gone from an alternative",
    (d) => delete answer(d).properties.next.anyOf[0].properties.url,
    ": the field next.url of the answer 201 is gone",
  ],
  [
    "an alternative that readers do not know",
    (d) => answer(d).properties.next.anyOf.push({ type: "integer" }),
    ": the field next of the answer 201 has the type integer instead of ",
  ],
  [
    "an answer without a header",
    (d) => (post(d).responses["201"].headers = {}),
    ": the answer 201 has no header Location any more",
  ],
];

const refusedOfGet: readonly Sample[] = [
  [
    "a stream without an event",
    (d) => (stream(d)["x-events"] = {}),
    ": the stream has no event order.placed any more: keep it",
  ],
  [
    "an event of a stream without a field",
    (d) => delete stream(d)["x-events"]["order.placed"].data.properties.orderId,
    ": the field orderId of the event order.placed is gone: keep it",
  ],
];

const stream = (draft: Loose): Loose => draft.paths["/api/v1/orders"].get.responses["200"].content["text/event-stream"];

function rename(object: Record<string, unknown>, from: string, to: string): void {
  object[to] = object[from];
  delete object[from];
}

const passed: readonly (readonly [what: string, change: (draft: Loose) => void])[] = [
  ["nothing", () => {}],
  ["a new route", (d) => (d.paths["/api/v1/quotes"] = d.paths["/api/v1/orders"])],
  ["a new optional field", (d) => (body(d).properties.note = text)],
  [
    "a new optional parameter",
    (d) => post(d).parameters.push({ name: "sort", in: "query", required: false, schema: text }),
  ],
  ["a field that became optional", (d) => body(d).required.pop()],
  ["a field that became optional in a list", (d) => line(d).required.pop()],
  ["more words to send", (d) => body(d).properties.channel.enum.push("phone")],
  ["any word to send", (d) => delete body(d).properties.channel.enum],
  ["a longer text to send", (d) => (body(d).properties.phone.maxLength = 50)],
  ["fractions to send", (d) => (line(d).properties.quantity.type = "number")],
  ["null to send", (d) => (body(d).properties.channel.type = ["string", "null"])],
  ["more who may call", (d) => (post(d)["x-access"] = "public")],
  ["a new field to read", (d) => (answer(d).properties.tax = { type: "integer" })],
  ["a new field to read in a record's entries", (d) => (d.components.schemas.Fee.properties.tax = text)],
  [
    "a longer entry of a record to send",
    (d) => (body(d).properties.labels.patternProperties["^[a-z]+$"].maxLength = 200),
  ],
  ["a new field to read that is always there", (d) => answer(d).required.push("note")],
  ["fewer words to read", (d) => d.components.schemas.Status.enum.pop()],
  ["a new header", (d) => (post(d).responses["201"].headers.ETag = {})],
  ["a new error", (d) => (post(d).responses["429"] = { content: {} })],
  ["an error that is gone", (d) => delete post(d).responses["409"]],
  ["another event of a stream", (d) => (stream(d)["x-events"]["order.parked"] = { data: object({}) })],
  [
    "another name for a shape",
    (d) => {
      rename(d.components.schemas, "Line", "Item");
      body(d).properties.items.items.$ref = "#/components/schemas/Item";
    },
  ],
];

describe("a changed route", () => {
  it.each(refused)("breaks its clients by %s", (_, change, told) => {
    const breaks = changed(change);
    expect(breaks).toContainEqual(expect.stringContaining(`${ROUTE}${told}`));
    expect(breaks.every((one) => one.endsWith("."))).toBe(true);
  });

  it.each(refusedOfGet)("breaks its clients by %s", (_, change, told) => {
    expect(changed(change)).toEqual([expect.stringContaining(`GET /api/v1/orders${told}`)]);
  });

  it.each(passed)("breaks nobody by %s", (_, change) => {
    expect(changed(change)).toEqual([]);
  });

  it("is told in one sentence with what to do", () => {
    expect(changed((d) => delete answer(d).properties.total)).toEqual([
      `${ROUTE}: the field total of the answer 201 is gone: keep it, ${VERSION}.`,
    ]);
  });

  it("may go after its sunset, and not before", () => {
    const gone = (sunset?: string) => {
      const deprecated = structuredClone(base) as Loose;
      Object.assign(post(deprecated), { deprecated: true, ...(sunset && { "x-sunset": sunset }) });
      return changed((d) => delete d.paths["/api/v1/orders"].post, deprecated as OpenApi);
    };
    expect(gone("2026-11-26")).toEqual([]);
    expect(gone("2026-11-28")).toEqual([expect.stringContaining(`${ROUTE} is gone`)]);
    expect(gone()).toEqual([expect.stringContaining(`${ROUTE} is gone`)]);
  });
});
