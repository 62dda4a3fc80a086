/** The parts of a customer's request: products, payment method and delivery address. */
import Type from "typebox";
import { Country, Id, Paragraphs, Strict, Text } from "#core/schema.ts";
import { benefits } from "./benefit.contract.ts";

/** The limit for one product in one order, even when several lines name it. */
export const MAX_QUANTITY = 1000;

export const RequestedItems = Type.Array(
  Strict({ productId: Id, quantity: Type.Integer({ minimum: 1, maximum: MAX_QUANTITY }) }),
  {
    minItems: 1,
    maxItems: 1000,
  },
);

/** Refusals of an order with films. */
export const titleErrors = ["TITLE_OWNED", "TITLE_NOT_OFFERED", "TITLE_NOT_AVAILABLE"] as const;

/** The most films of one order. */
const MOST_TITLES = 20;

export const RequestedTitles = Type.Array(
  Strict({ videoId: Id, kind: Type.Enum(["buy", "rent"]) }, { title: "RequestedTitle" }),
  { minItems: 1, maxItems: MOST_TITLES, description: "Films, beside `items` or `cart` or alone" },
);

export const ShippingAddress = Strict(
  {
    name: Text(100),
    line1: Text(200),
    line2: Type.Optional(Text(200)),
    city: Text(100),
    postalCode: Text(20),
    country: Country,
    phone: Type.Optional(Text(30)),
  },
  { title: "ShippingAddress" },
);

/** The caller's cart, as they saw it. */
export const CartSeen = Strict(
  { version: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) },
  { description: "Instead of `items`: my cart as I saw it. Placing the order empties it" },
);

/** What is asked for: products, or what is in the caller's cart if it still is as they saw it; and films. */
export const basket = {
  items: Type.Optional(RequestedItems),
  cart: Type.Optional(CartSeen),
  titles: Type.Optional(RequestedTitles),
};

const id = "01a1fce1-e04c-7423-b251-56879fb500d6";

/** Goods and a film in one checkout. */
const example = {
  items: [{ productId: id, quantity: 2 }],
  titles: [{ videoId: "01a1fce1-e04c-7423-b251-56879fb500d7", kind: "buy" }],
  paymentMethod: "tok_success",
  shippingAddress: { name: "Alex Reed", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" },
};

export const NewOrder = Strict(
  {
    ...basket,
    /** A token of the provider, or the id of a saved method. */
    paymentMethod: Text(200),
    shippingAddress: ShippingAddress,
    quoteId: Type.Optional(Id),
    ...benefits,
    /** What the shop should know, such as where to leave the parcel. */
    note: Type.Optional(Paragraphs(500)),
  },
  { examples: [example] },
);
