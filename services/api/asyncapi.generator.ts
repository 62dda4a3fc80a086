/** The AsyncAPI 3 document of the durable events: a pure function of what the services declare. */
import { toCloudEvent } from "#mixins/bus/cloud-event.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { servers, ways } from "./asyncapi.channels.ts";
import { Examples } from "./openapi.examples.ts";
import { type Json, Schemas } from "./openapi.schemas.ts";

const ID = "01a1fce1-e04c-7423-b251-56879fb500d6";

const text = (description: string): Json => ({ type: "string", description });

const envelope = {
  title: "CloudEvent",
  type: "object",
  description: "CloudEvents 1.0 in JSON. Pass over fields that you do not know: later releases may add some.",
  required: [
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "datacontenttype",
    "eventversion",
    "correlationid",
    "causationid",
    "data",
  ],
  properties: {
    specversion: { const: "1.0" },
    id: { type: "string", format: "uuid", description: "An event may come more than once: remember its id." },
    source: text("The service that publishes it."),
    type: text("`<service>.<event>`"),
    subject: text("What it is about, as `<kind>:<id>`. Some buses keep the order of one subject."),
    time: { type: "string", format: "date-time" },
    datacontenttype: { const: "application/json" },
    eventversion: { type: "integer", description: "Increased when the data changes in a way that readers must know." },
    correlationid: text("The id of the request with which everything began."),
    causationid: text("The id of the event or request that caused this one."),
    data: { description: "What the type says." },
  },
};

/** An event that services publish, and those that handle it. */
interface Told {
  /** The name of its message: `order.placed.v1`. */
  readonly key: string;
  readonly type: string;
  readonly source: string;
  readonly version: number;
  readonly summary: string;
  readonly data: Json;
  readonly subscribers: readonly string[];
}

function eventsOf(services: readonly Described[], schemas: Schemas): readonly Told[] {
  const told = services.flatMap(({ name, events = {} }) =>
    Object.entries(events).map(([event, { version, summary, data }]): Told => {
      const type = `${name}.${event}`;
      const key = `${type}.v${version}`;
      const subscribers = services.filter(({ subscribes = [] }) => subscribes.includes(type)).map((one) => one.name);
      return {
        key,
        type,
        source: name,
        version,
        summary,
        data: schemas.named(data, version === 1 ? type : key, "Event"),
        subscribers: [...new Set(subscribers)],
      };
    }),
  );
  // Two versions of a service may publish the same.
  return [...new Map(told.map((one) => [one.key, one])).values()];
}

function message({ type, source, version, summary, data, subscribers }: Told, examples: Examples): Json {
  const example = {
    id: ID,
    type,
    version,
    time: "2026-11-26T09:30:00.000Z",
    source,
    subject: `${source}:${ID}`,
    correlationId: ID,
    causationId: ID,
    data: examples.of(data, "", true),
  };
  const own = { source: { const: source }, type: { const: type }, eventversion: { const: version }, data };
  return {
    name: type,
    title: type,
    summary,
    contentType: "application/cloudevents+json",
    correlationId: { location: "$message.payload#/correlationid" },
    tags: [{ name: source }],
    payload: { allOf: [{ $ref: "#/components/schemas/CloudEvent" }, { type: "object", properties: own }] },
    examples: [{ payload: toCloudEvent(example) }],
    "x-version": version,
    "x-publisher": source,
    "x-subscribers": subscribers,
  };
}

const operation = (action: "send" | "receive", id: string, service: string, events: readonly Told[]): Json => ({
  action,
  channel: { $ref: `#/channels/${id}` },
  title: `${service} ${action === "send" ? "publishes" : "subscribes"}`,
  tags: [{ name: service }],
  messages: events.map(({ key }) => ({ $ref: `#/channels/${id}/messages/${key}` })),
});

/** Each bus carries every event, by addresses of its own. */
function channelsOf(events: readonly Told[]): { readonly channels: Json; readonly operations: Json } {
  const channels: Record<string, Json> = {};
  const operations: Record<string, Json> = {};
  for (const [name, way] of Object.entries(ways)) {
    for (const [of, some] of Map.groupBy(events, (event) => event[way.per])) {
      const id = `${name}.${of}`;
      const { source } = some[0]!;
      channels[id] = {
        title: way.title,
        address: way.address(of),
        description: way.description(source),
        servers: [{ $ref: `#/servers/${way.server}` }],
        messages: Object.fromEntries(some.map(({ key }) => [key, { $ref: `#/components/messages/${key}` }])),
        ...(way.bindings ? { bindings: way.bindings(of) } : {}),
      };
      operations[`${id}.send`] = operation("send", id, source, some);
      for (const reader of way.isRead ? new Set(some.flatMap(({ subscribers }) => subscribers)) : []) {
        const heard = some.filter(({ subscribers }) => subscribers.includes(reader));
        operations[`${id}.receive.${reader}`] = operation("receive", id, reader, heard);
      }
    }
  }
  return { channels, operations };
}

const about = [
  "The durable events of all services. A deployment has one bus, which `BUS_URL` chooses, and its events travel by the channels of that bus alone.",
  "Each is stored with the change that it tells of, so none is lost. One may come more than once, and late.",
];

/**
 * @param services in the order in which their events appear
 * @param version the platform's own
 */
export function asyncapi(services: readonly Described[], version: string): Json {
  const schemas = new Schemas();
  schemas.of(envelope);
  const events = eventsOf(services, schemas);
  const named = schemas.components();
  const examples = new Examples(named);
  const publishers = services.filter(({ name }, index) => {
    const isFirst = services.findIndex((other) => other.name === name) === index;
    return isFirst && events.some(({ source }) => source === name);
  });
  const document = {
    asyncapi: "3.0.0",
    info: {
      title: "Madang events",
      version,
      description: about.join("\n\n"),
      license: { name: "MIT" },
      tags: publishers.map(({ name, summary }) => ({ name, description: summary })),
    },
    defaultContentType: "application/cloudevents+json",
    servers,
    ...channelsOf(events),
    components: {
      messages: Object.fromEntries(events.map((one) => [one.key, message(one, examples)])),
      schemas: named,
    },
  };
  // What JSON carries: no compiled parts of schemas, no fields that are undefined.
  return JSON.parse(JSON.stringify(document)) as Json;
}
