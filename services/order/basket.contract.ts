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

/** What is asked for: products, or what is in the caller's cart if it still is as they saw it. */
export const basket = {
  items: Type.Optional(RequestedItems),
  cart: Type.Optional(CartSeen),
};

export const NewOrder = Strict({
  ...basket,
  /** A token of the provider, or the id of a saved method. */
  paymentMethod: Text(200),
  shippingAddress: ShippingAddress,
  quoteId: Type.Optional(Id),
  ...benefits,
  /** What the shop should know, such as where to leave the parcel. */
  note: Type.Optional(Paragraphs(500)),
});
