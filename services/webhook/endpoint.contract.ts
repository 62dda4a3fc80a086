/** Endpoints: where merchants want to be told of events, and of which. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Id, Nothing, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { forwarded } from "./message.contract.ts";

const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const EventType = Type.Enum([...forwarded], { title: "WebhookEventType" });
const Events = Type.Array(EventType, { minItems: 1, maxItems: forwarded.length, uniqueItems: true });
const Url = Code("^https?://[^\\s/?#]+[^\\s]*$", 1000);
const statuses = ["active", "paused", "disabled"] as const;

const endpoint = {
  id: Id,
  url: Type.String(),
  events: Type.Array(Type.String()),
  description: Type.Union([Type.String(), Type.Null()]),
  status: Type.Enum([...statuses], {
    description: "For a paused one deliveries wait; a disabled one failed for days, or answered 410, and gets nothing",
  }),
  createdAt: Timestamp,
  version: Version,
};
const Endpoint = Type.Object(endpoint, { title: "WebhookEndpoint" });
export type Endpoint = Static<typeof Endpoint>;

const secret = Type.String({
  description: "Signs what is sent, as standardwebhooks.com says. It is shown here and never again",
});
const EndpointWithSecret = Type.Object({ ...endpoint, secret }, { title: "WebhookEndpointWithSecret" });

export const endpointActions = {
  listEventTypes: action({
    summary: "The events that webhooks can tell of",
    rest: "GET /webhook-event-types",
    auth: "staff",
    input: Strict({}),
    output: Type.Object({ items: Type.Array(Type.Object({ type: Type.String() })) }),
  }),
  createEndpoint: action({
    summary: "Register an address to which events are sent. The answer holds its secret, which is shown once",
    rest: "POST /webhook-endpoints",
    keyless: "The answer holds a secret, of which no copy is kept for a repeated request.",
    status: 201,
    shownBy: "getEndpoint",
    auth: "admin",
    input: Strict({ url: Url, events: Events, description: Type.Optional(Text(200)) }),
    output: EndpointWithSecret,
    errors: ["ENDPOINTS_FULL"],
  }),
  listEndpoints: action({
    summary: "Registered endpoints, newest first",
    rest: "GET /webhook-endpoints",
    auth: "staff",
    input: Strict(paging),
    output: Page(Endpoint),
  }),
  getEndpoint: action({
    summary: "An endpoint",
    rest: "GET /webhook-endpoints/:id",
    auth: "staff",
    concurrency: "read",
    input: ById,
    output: Endpoint,
    errors: ["NOT_FOUND"],
  }),
  editEndpoint: action({
    summary: "Change an endpoint, pause it, or make it active again",
    rest: "PATCH /webhook-endpoints/:id",
    auth: "admin",
    concurrency: "write",
    input: Strict({
      id: Id,
      version: Type.Optional(Version),
      url: Type.Optional(Url),
      events: Type.Optional(Events),
      description: Type.Optional(Type.Union([Text(200), Type.Null()])),
      status: Type.Optional(Type.Enum(["active", "paused"])),
    }),
    output: Endpoint,
    errors: ["NOT_FOUND", "STALE_VERSION"],
  }),
  removeEndpoint: action({
    summary: "Remove an endpoint, with its log of deliveries",
    rest: "DELETE /webhook-endpoints/:id",
    status: 204,
    auth: "admin",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  resetSecret: action({
    summary: "Give an endpoint a new secret. For a day, what is sent is signed with both",
    rest: "POST /webhook-endpoints/:id/secret",
    keyless: "The answer holds a secret, of which no copy is kept for a repeated request.",
    auth: "admin",
    input: ById,
    output: Type.Object({ secret }, { title: "WebhookSecret" }),
    errors: ["NOT_FOUND"],
  }),
};
