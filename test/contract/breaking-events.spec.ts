/** What `npm run check` refuses of a changed event, and that it finds the change in a repository. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Type, { type TSchema } from "typebox";
import { type AsyncApi, eventBreaks } from "../../scripts/breaking/events.ts";
import { asyncapi } from "../../services/api/asyncapi.generator.ts";
import { root } from "../support/fixtures/source.ts";

const data = {
  orderId: Type.String({ format: "uuid" }),
  total: Type.Integer({ minimum: 0 }),
  payment: Type.Optional(Type.Enum(["none", "refunded"])),
  items: Type.Array(Type.Object({ name: Type.String() }), { maxItems: 100 }),
};

/** The document of a service `order` that publishes these. */
const documentOf = (events: Record<string, { version?: number; data: TSchema }>): AsyncApi =>
  asyncapi(
    [
      {
        name: "order",
        version: 1,
        summary: "Orders",
        errors: {},
        actions: {},
        events: Object.fromEntries(
          Object.entries(events).map(([name, one]) => [name, { version: 1, summary: "It happened", ...one }]),
        ),
      },
    ],
    "1.2.3",
  ) as unknown as AsyncApi;

const before = documentOf({ placed: { data: Type.Object(data) }, parked: { data: Type.Object(data) } });
const after = (placed: Record<string, TSchema>, version = 1): string[] =>
  eventBreaks(
    before,
    documentOf({ placed: { version, data: Type.Object(placed) }, parked: { data: Type.Object(data) } }),
  );

const { total: _total, ...withoutTotal } = data;
const { payment: _payment, ...withoutPayment } = data;

const refused: readonly (readonly [what: string, placed: Record<string, TSchema>, told: string])[] = [
  ["a field that is gone", withoutTotal, "the field total is gone: keep it"],
  ["an optional field that is gone", withoutPayment, "the field payment is gone: keep it"],
  [
    "a new field that is required",
    { ...data, tax: Type.Integer() },
    "the field tax is new and required: make it optional",
  ],
  [
    "a field that may be absent now",
    { ...data, total: Type.Optional(data.total) },
    "the field total may be absent now: always give it",
  ],
  [
    "a field that became required",
    { ...data, payment: Type.Enum(["none", "refunded"]) },
    "the field payment became required: leave it optional",
  ],
  [
    "another type",
    { ...data, total: Type.String() },
    "the field total has the type string instead of integer: leave it as it was and add another field",
  ],
  [
    "fractions",
    { ...data, total: Type.Number({ minimum: 0 }) },
    "the field total has the type number instead of integer",
  ],
  [
    "a word more",
    { ...data, payment: Type.Optional(Type.Enum(["none", "refunded", "partly"])) },
    'the field payment may be "partly", which readers do not know',
  ],
  [
    "a word less",
    { ...data, payment: Type.Optional(Type.Enum(["none"])) },
    'the field payment no longer takes "refunded"',
  ],
  ["null", { ...data, total: Type.Union([data.total, Type.Null()]) }, "the field total has the type"],
  [
    "narrower bounds",
    { ...data, total: Type.Integer({ minimum: 1 }) },
    "the field total has the minimum 1 instead of 0",
  ],
  ["another format", { ...data, orderId: Type.String() }, "the field orderId has the format none instead of uuid"],
  [
    "a field that is gone from a list",
    { ...data, items: Type.Array(Type.Object({}), { maxItems: 100 }) },
    "the field items[].name is gone",
  ],
];

describe("a changed event", () => {
  it.each(refused)("breaks its readers by %s", (_, placed, told) => {
    expect(after(placed)).toContainEqual(expect.stringContaining(`order.placed.v1: ${told}`));
    expect(after(placed)).toContainEqual(expect.stringMatching(/, or raise the event's version\.$/));
  });

  it.each([
    ["nothing", data],
    ["a new optional field", { ...data, tax: Type.Optional(Type.Integer()) }],
    ["a wider bound", { ...data, items: Type.Array(data.items.items, { maxItems: 200 }) }],
    ["a description", { ...data, total: Type.Integer({ minimum: 0, description: "In minor units" }) }],
  ])("breaks nobody by %s", (_, placed) => {
    expect(after(placed)).toEqual([]);
  });

  it("may change as it likes with a higher version", () => {
    expect(after({ orderId: data.orderId }, 2)).toEqual([]);
  });

  it("may not go, nor come with a lower version", () => {
    const gone = "order.placed.v1 is gone: publish it on, since programs of others may read it.";
    expect(eventBreaks(before, documentOf({ parked: { data: Type.Object(data) } }))).toEqual([gone]);
    expect(after(data, 0)).toEqual([gone]);
  });
});

describe("a changed channel or envelope", () => {
  const changed = (change: (draft: { channels: Record<string, { address: string }>; components: never }) => void) => {
    const draft = structuredClone(before);
    change(draft as never);
    return eventBreaks(before, draft);
  };

  it("breaks those who read there", () => {
    expect(changed(({ channels }) => delete channels["redis.order"])).toEqual([
      "The channel redis.order is gone: publish there on, since programs of others may read it.",
    ]);
    expect(changed(({ channels }) => (channels["nats.order.placed"]!.address = "events.order"))).toEqual([
      expect.stringContaining("has the address events.order instead of madang.event.order.placed"),
    ]);
  });

  it("breaks all by an envelope that lacks a field", () => {
    const { CloudEvent } = before.components.schemas;
    const { time: _time, ...properties } = CloudEvent!.properties!;
    const lacking = { ...before.components.schemas, CloudEvent: { ...CloudEvent, properties } };
    expect(eventBreaks(before, { ...before, components: { ...before.components, schemas: lacking } })).toEqual([
      "Every event: the field time of the envelope is gone: keep it.",
    ]);
  });
});

describe("scripts/breaking.ts", () => {
  const folder = mkdtempSync(join(tmpdir(), "madang-breaking-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=spec", "-c", "user.email=spec@example.test", ...args], { cwd: folder });
  const write = (document: object) => {
    mkdirSync(join(folder, "docs"), { recursive: true });
    writeFileSync(join(folder, "docs/asyncapi.json"), JSON.stringify(document));
  };
  const check = () =>
    spawnSync(process.execPath, [join(root, "scripts/breaking.ts")], { cwd: folder, encoding: "utf8" });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("compares with the commits before, and ends with 1 when somebody would not be understood", () => {
    git("init", "--quiet", "--initial-branch=main");
    write(before);
    git("add", ".");
    git("commit", "--quiet", "--message=first");
    expect(check()).toMatchObject({ status: 0, stderr: "" });
    write(documentOf({ placed: { data: Type.Object(data) } }));
    const { status, stderr } = check();
    expect(status).toBe(1);
    expect(stderr).toContain("order.parked.v1 is gone");
    git("commit", "--quiet", "--all", "--message=second");
    expect(check().stderr).toContain("order.parked.v1 is gone");
  });
});
