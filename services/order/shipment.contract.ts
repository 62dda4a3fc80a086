/** Shipments: what staff pack and send of an order, and how its carrier tells where it is. */
import Type, { type Static } from "typebox";
import { action, event } from "#core/contract.ts";
import { ById, Code, Id, Money, Nothing, Page, paging, Raw, Strict, Text, Timestamp } from "#core/schema.ts";
import { OrderNumber, Shipment, shipmentStates } from "./answer.contract.ts";

export const Quantities = Type.Array(Strict({ productId: Id, quantity: Type.Integer({ minimum: 1, maximum: 1000 }) }), {
  minItems: 1,
  maxItems: 1000,
});
const Version = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
export const IfMatch = { version: Type.Optional(Version) };

const Carrier = Type.String({
  ...Code("^[a-z][a-z0-9-]{0,39}$", 40),
  description: "A short name of the carrier, as the path of its webhooks has it",
  examples: ["cj-logistics"],
});
const TrackingNumber = Type.String({
  ...Code("^[A-Za-z0-9-]{4,40}$", 40),
  description: "Kept in capital letters",
  examples: ["CJ-6892-0417-33"],
});
const tracking = { carrier: Type.Optional(Carrier), trackingNumber: Type.Optional(TrackingNumber) };

/** What messages and live streams tell of units. */
export const Told = Type.Array(Type.Object({ productId: Id, name: Type.String(), quantity: Type.Integer() }));
export const aboutOrder = { orderId: Id, userId: Id, number: OrderNumber };
/** Given back together with an amount. Absent without any. */
export const Points = Type.Optional(Type.Integer());
/** What was paid for these units, without points. Nodes of the release before leave it out. */
export const Paid = Type.Optional(Money);
const Sent = Type.Object({
  ...aboutOrder,
  shipmentId: Id,
  carrier: Type.Optional(Type.String()),
  trackingNumber: Type.Optional(Type.String()),
  items: Told,
});

const RefusedCapture = Type.Object(
  {
    id: Id,
    orderId: Id,
    orderNumber: OrderNumber,
    shipmentId: Type.Union([Id, Type.Null()], { description: "null: the rest of a payment, of which no parcel waits" }),
    amount: Money,
    reason: Type.String({ description: "A code", examples: ["PAYMENT_CAPTURE_REFUSED"] }),
    isOpen: Type.Boolean({ description: "The parcel still waits, and nobody has tried it again" }),
    createdAt: Timestamp,
    refusedAt: Timestamp,
  },
  { title: "RefusedCapture" },
);
export type RefusedCapture = Static<typeof RefusedCapture>;

export const shipmentErrors = ["NOT_FOUND", "NOT_SHIPPABLE", "UNITS_UNAVAILABLE", "TRACKING_TAKEN"] as const;

/** Milliseconds: the payment service's capture takes five seconds at most. */
const WITH_PAYMENT = 8000;

export const shipments = {
  name: "shipments",
  actions: () => ({
    createShipment: action({
      summary: "Pack a parcel with units of an order: those that are named, or all that are left",
      rest: "POST /orders/:id/shipments",
      status: 201,
      shownBy: "getShipment",
      auth: "staff",
      idempotent: true,
      input: Strict({ id: Id, items: Type.Optional(Quantities), ...tracking }),
      output: Shipment,
      errors: [...shipmentErrors, "TOO_MANY_SHIPMENTS"],
    }),
    getShipment: action({
      summary: "A shipment of one of my orders. Staff see all shipments",
      rest: "GET /shipments/:id",
      auth: "customer",
      seenByStaff: true,
      concurrency: "read",
      input: ById,
      output: Shipment,
      errors: ["NOT_FOUND"],
    }),
    updateShipment: action({
      summary: "Say where a shipment is: sent, delivered or lost, or with which number it travels",
      rest: "PATCH /shipments/:id",
      auth: "staff",
      concurrency: "write",
      input: Strict({
        ...IfMatch,
        id: Id,
        state: Type.Optional(Type.Enum(shipmentStates.slice(1))),
        ...tracking,
      }),
      output: Shipment,
      timeout: WITH_PAYMENT,
      errors: [...shipmentErrors, "STALE_VERSION", "SHIPMENT_ENDED", "CAPTURE_REFUSED", "CAPTURE_PENDING"],
    }),
    removeShipment: action({
      summary: "Unpack a parcel that was not sent",
      rest: "DELETE /shipments/:id",
      status: 204,
      auth: "staff",
      concurrency: "write",
      input: Strict({ ...IfMatch, id: Id }),
      output: Nothing,
      errors: ["NOT_FOUND", "STALE_VERSION", "SHIPMENT_ENDED", "NOT_SHIPPABLE", "CAPTURE_PENDING"],
    }),
    listRefusedCaptures: action({
      summary: "Captures of parcels that the payment provider refused, newest first",
      rest: "GET /refused-captures",
      auth: "staff",
      input: Strict({
        ...paging,
        state: Type.Optional(
          Type.Enum(["open", "ended"], {
            description: "`open`: the parcel still waits, and nobody has tried it again",
          }),
        ),
        reason: Type.Optional({ ...Code("^[A-Z][A-Z_]*$", 60), examples: ["PAYMENT_CAPTURE_REFUSED"] }),
      }),
      output: Page(RefusedCapture),
    }),
    receiveTracking: action({
      summary: "Signed webhook of a carrier",
      rest: "POST /shipments/webhooks/:carrier",
      keyless: "What it tells takes effect once.",
      auth: "public",
      raw: true,
      input: Strict({
        carrier: Text(40),
        headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
        body: Raw(65_536),
      }),
      output: Type.Object({ received: Type.Literal(true) }),
      errors: ["NOT_FOUND", "SIGNATURE_INVALID", "MALFORMED_JSON", "VALIDATION_FAILED"],
    }),
  }),
} as const;

export const shipmentEvents = {
  shipped: event({ version: 1, summary: "A parcel of it was sent", data: Sent, push: "owner" }),
  delivered: event({
    version: 1,
    summary: "A parcel of it has arrived",
    data: Type.Object({ ...Sent.properties, paid: Paid }),
    push: "owner",
  }),
  delivery_failed: event({
    version: 1,
    summary: "A parcel of it was lost, and what was in it is refunded",
    data: Sent,
    push: "owner",
  }),
};
