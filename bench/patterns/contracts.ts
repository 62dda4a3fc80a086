/** The two services between which the patterns are compared: a shop has a depot hold stock for an order. */
import Type, { type Static } from "typebox";
import { action, defineContract, event, job } from "#core/contract.ts";
import { Code, Id, LiveItems, Raw, Strict } from "#core/schema.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";

const Name = Code("^[a-z0-9-]+$", 40);
const Position = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });

/** What is asked of the depot, by whatever way. */
const order = {
  orderId: Id,
  /** Orders of one article should be held in the order in which they came. */
  article: Name,
  /** The place in that order. */
  seq: Position,
  /** The pattern by which it comes. */
  way: Name,
  /** As long as the message is to be. */
  note: Raw(70_000, 0),
};
const Order = Strict(order);
export type Order = Static<typeof Order>;

/** Items of the stream that is measured, and how many of them one answer holds. */
export const ITEMS = 10_000;
export const PAGE = 500;

const ReadItems = Strict({ id: Name, after: Type.Optional(Position) });

export const depot = defineContract("depot", {
  summary: "Holds stock for orders",
  blocks: [inbox],
  subscribes: ["shop.ordered"],
  actions: {
    reserve: action({
      summary: "Hold stock for an order",
      rest: "POST /depot/reservations",
      status: 201,
      auth: "public",
      idempotent: true,
      input: Order,
      output: Type.Object({ orderId: Id, held: Type.Boolean() }),
    }),
    list: action({
      summary: "Movements of stock",
      auth: "public",
      idempotent: true,
      input: ReadItems,
      output: LiveItems,
    }),
    watch: action({
      summary: "Follow the movements of stock",
      rest: "GET /depot/reservations/:id/events",
      auth: "public",
      live: true,
      input: ReadItems,
      output: LiveItems,
    }),
  },
});

export const shop = defineContract("shop", {
  summary: "Takes orders",
  blocks: [outbox, jobs],
  uses: ["depot.reserve", "depot.list"],
  jobs: { reserve: job({ summary: "Hold stock for an order", input: Order, attempts: 100 }) },
  actions: {},
  events: { ordered: event({ version: 1, summary: "An order was taken", data: Type.Object(order) }) },
});

declare module "#core/contract.ts" {
  interface Contracts {
    depot: typeof depot;
    shop: typeof shop;
  }
}
