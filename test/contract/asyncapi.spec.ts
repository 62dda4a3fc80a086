/** The AsyncAPI document: valid, complete, committed as it is served; and its page told in both languages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Input, Parser } from "@asyncapi/parser";
import { Value } from "typebox/value";
import { fromCloudEvent, toCloudEvent } from "#mixins/bus/cloud-event.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { contracts, root } from "../support/fixtures/source.ts";

interface Message {
  readonly name: string;
  readonly examples: readonly { readonly payload: { readonly data: unknown } }[];
  readonly "x-version": number;
  readonly "x-publisher": string;
  readonly "x-subscribers": readonly string[];
}

interface Channel {
  readonly title: string;
  readonly address: string;
  readonly servers: readonly { readonly $ref: string }[];
  readonly messages: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly info: { readonly tags: readonly { readonly name: string }[] };
  readonly servers: Readonly<Record<string, unknown>>;
  readonly channels: Readonly<Record<string, Channel>>;
  readonly operations: Readonly<
    Record<string, { readonly action: string; readonly channel: { readonly $ref: string } }>
  >;
  readonly components: { readonly messages: Readonly<Record<string, Message>> };
}

/** Severities of information and hints. */
const HINTS: ReadonlySet<number> = new Set([2, 3]);

let allServices: AllServices;
let document: Document;
beforeAll(async () => {
  allServices = await AllServices.open();
  document = (await (await fetch(`${allServices.url}/asyncapi.json`)).json()) as Document;
});
afterAll(() => allServices.close());

const committed = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
const messages = () => Object.values(document.components.messages);

/** Every event of every contract. */
const declared = [...contracts.values()].flatMap(({ name, events = {} }) =>
  Object.entries(events).map(([key, one]) => ({ type: `${name}.${key}`, source: name, ...one })),
);
const subscribersOf = (type: string) =>
  [...contracts.values()].filter(({ subscribes = [] }) => subscribes.includes(type)).map(({ name }) => name);

describe("the AsyncAPI document", () => {
  it("is valid AsyncAPI 3", async () => {
    const { document: parsed, diagnostics } = await new Parser().parse(document as unknown as Input);
    // Hints, such as that there is a newer version of the specification, are no faults.
    expect(diagnostics.filter(({ severity }) => !HINTS.has(severity))).toEqual([]);
    expect(parsed?.version()).toBe("3.0.0");
  });

  it("is committed as it is served", () => {
    expect(committed("docs/asyncapi.json")).toEqual(document);
  });

  it("has every event with its version, who publishes it and who handles it, and no other", () => {
    const told = messages().map((one) => [one.name, one["x-version"], one["x-publisher"], one["x-subscribers"]]);
    const expected = declared.map(({ type, version, source }) => [type, version, source, subscribersOf(type)]);
    // In the order of their services.
    expect(told).toEqual(expected);
  });

  it("has a channel of every bus for each event, where its service sends and its subscribers receive", () => {
    for (const [key, { name, "x-publisher": source, "x-subscribers": subscribers }] of Object.entries(
      document.components.messages,
    )) {
      const own = Object.entries(document.channels).filter(([, one]) => key in one.messages);
      const servers = new Set(own.flatMap(([, one]) => one.servers.map(({ $ref }) => $ref.split("/").at(-1)!)));
      expect([name, servers]).toEqual([name, new Set(Object.keys(document.servers))]);
      for (const [id] of own) {
        const readers = Object.keys(document.operations).filter((one) => one.startsWith(`${id}.receive.`));
        expect(document.operations[`${id}.send`]).toMatchObject({ action: "send", title: `${source} publishes` });
        if (id.startsWith("nats.")) expect(readers).toEqual(subscribers.map((one) => `${id}.receive.${one}`));
      }
    }
  });

  it.each(declared)("shows $type as it travels, with data as its contract wants it", ({ type, data }) => {
    const { payload } = messages().find(({ name }) => name === type)!.examples[0]!;
    const event = fromCloudEvent(JSON.stringify(payload))!;
    expect(toCloudEvent(event)).toEqual(payload);
    expect([payload.data, Value.Errors(data, payload.data)]).toEqual([payload.data, []]);
  });
});

describe("the page of events", () => {
  it("has a Korean sentence for every event, service and kind of channel, and for nothing else", () => {
    const korean = committed("services/api/pages/docs/events.ko.json") as Record<string, string>;
    const titles = new Set(Object.values(document.channels).map(({ title }) => title));
    const told = [
      "about",
      ...document.info.tags.map(({ name }) => name),
      ...messages().map(({ name }) => name),
      ...titles,
    ];
    expect(Object.keys(korean).toSorted()).toEqual(told.toSorted());
    expect(Object.values(korean).filter((sentence) => !/[가-힣]/.test(sentence))).toEqual([]);
  });

  it("is served to everybody", async () => {
    const answer = await fetch(`${allServices.url}/docs/events`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toContain("/docs/events.js");
  });
});
