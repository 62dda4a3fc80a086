/** Deliveries: the log of what was sent to an endpoint, and sending it again by hand. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Page, paging, Strict, Timestamp } from "#core/schema.ts";

export const statuses = ["waiting", "delivered", "failed"] as const;
const Status = Type.Enum([...statuses], { title: "WebhookDeliveryStatus" });

const delivery = {
  id: Id,
  endpointId: Id,
  eventId: Type.String({
    description: "Sent as webhook-id: the same at each attempt, so that receivers know a repeat",
  }),
  type: Type.String(),
  status: Status,
  attempts: Type.Integer(),
  nextAttemptAt: Type.Union([Timestamp, Type.Null()]),
  createdAt: Timestamp,
};
const Delivery = Type.Object(delivery, { title: "WebhookDelivery" });
export type Delivery = Static<typeof Delivery>;

const Attempt = Type.Object(
  {
    at: Timestamp,
    status: Type.Union([Type.Integer(), Type.Null()], { description: "The HTTP status; null when no answer came" }),
    error: Type.Union([Type.String(), Type.Null()], { description: "Why none came, such as TIMEOUT or ECONNREFUSED" }),
    milliseconds: Type.Integer(),
  },
  { title: "WebhookAttempt" },
);
export type Attempt = Static<typeof Attempt>;

const LoggedDelivery = Type.Object(
  {
    ...delivery,
    body: Type.String({ description: "The text that was signed and sent" }),
    log: Type.Array(Attempt, { description: "The last attempts, oldest first" }),
  },
  { title: "LoggedWebhookDelivery" },
);
export type LoggedDelivery = Static<typeof LoggedDelivery>;

export const deliveryActions = {
  sendTest: action({
    summary: "Send a test message to an endpoint",
    rest: "POST /webhook-endpoints/:id/tests",
    status: 201,
    shownBy: "getDelivery",
    auth: "staff",
    input: ById,
    output: Delivery,
    errors: ["NOT_FOUND", "NOT_ACTIVE"],
  }),
  listDeliveries: action({
    summary: "What was and will be sent to an endpoint, newest first",
    rest: "GET /webhook-endpoints/:id/deliveries",
    auth: "staff",
    input: Strict({ id: Id, ...paging, status: Type.Optional(Status) }),
    output: Page(Delivery),
    errors: ["NOT_FOUND"],
  }),
  retryDeliveries: action({
    summary: "Send again what failed at an endpoint: at most a thousand at once, oldest first",
    rest: "POST /webhook-endpoints/:id/retry",
    auth: "staff",
    input: ById,
    output: Type.Object({ retried: Type.Integer() }, { title: "RetriedWebhookDeliveries" }),
    errors: ["NOT_FOUND", "NOT_ACTIVE"],
  }),
  getDelivery: action({
    summary: "A delivery, with what was sent and how each attempt ended",
    rest: "GET /webhook-deliveries/:id",
    auth: "staff",
    input: ById,
    output: LoggedDelivery,
    errors: ["NOT_FOUND"],
  }),
  retryDelivery: action({
    summary: "Send a delivery again, whether it failed or not",
    rest: "POST /webhook-deliveries/:id/retry",
    auth: "staff",
    input: ById,
    output: Delivery,
    errors: ["NOT_FOUND", "NOT_ACTIVE"],
  }),
};
