/** The log of deliveries as staff see it, and the addresses to which nothing is sent. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Id, Nothing, Page, paging, Raw, Strict, Text, Timestamp } from "#core/schema.ts";
import { channels, statuses } from "./notification.model.ts";

const Channel = Type.Enum([...channels]);
const Status = Type.Enum([...statuses]);
const Moment = Type.Union([Timestamp, Type.Null()]);

const LoggedNotification = Type.Object(
  {
    id: Id,
    userId: Id,
    eventId: Id,
    channel: Channel,
    template: Type.String(),
    templateVersion: Type.Union([Type.Integer(), Type.Null()], { description: "With which it was sent" }),
    status: Status,
    attempts: Type.Integer(),
    error: Type.Union([Type.String(), Type.Null()], {
      description: "The code of the last attempt, or why it was not sent",
    }),
    provider: Type.Union([Type.String(), Type.Null()]),
    createdAt: Timestamp,
    sentAt: Moment,
    deliveredAt: Moment,
    nextAttemptAt: Moment,
  },
  { title: "LoggedNotification" },
);

const Suppression = Type.Object(
  {
    id: Id,
    channel: Channel,
    reason: Type.String({ description: "BOUNCED, COMPLAINED, or the code with which a provider refused the address" }),
    createdAt: Timestamp,
  },
  { title: "Suppression" },
);

const actions = {
  listDeliveries: action({
    summary: "Messages of all people, newest first, without their words",
    rest: "GET /notification-deliveries",
    auth: "staff",
    input: Strict({
      ...paging,
      userId: Type.Optional(Id),
      channel: Type.Optional(Channel),
      status: Type.Optional(Status),
    }),
    output: Page(LoggedNotification),
  }),
  listSuppressions: action({
    summary: "Addresses to which nothing is sent, newest first. They are known by their hash: `address` finds one",
    rest: "GET /notification-suppressions",
    auth: "staff",
    input: Strict({
      ...paging,
      channel: Type.Optional(Type.Enum(["email", "sms"])),
      address: Type.Optional(Text(254)),
    }),
    output: Page(Suppression),
  }),
  removeSuppression: action({
    summary: "Send to an address again",
    rest: "DELETE /notification-suppressions/:id",
    status: 204,
    auth: "staff",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
  receiveBounce: action({
    summary: "Signed report of a mail service that an address does not exist, or that its reader complained",
    rest: "POST /notification-bounces",
    keyless: "A report that comes twice changes nothing.",
    auth: "public",
    raw: true,
    input: Strict({
      headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
      body: Raw(65_536),
    }),
    output: Type.Object({ received: Type.Literal(true) }),
    errors: ["NOT_FOUND", "SIGNATURE_INVALID", "MALFORMED_JSON"],
  }),
};

export const deliveryLog = { name: "deliveryLog", actions: () => actions } satisfies Block;
