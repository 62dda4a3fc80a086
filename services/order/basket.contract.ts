/** What a customer asks for: products, and how they are paid and where they go. */
import Type from "typebox";
import { Country, Id, Strict, Text } from "#core/schema.ts";

/** Of one product in one order, however many lines ask for it. */
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

export const NewOrder = Strict({
  items: RequestedItems,
  /** A provider's token or a saved method's id. */
  paymentMethod: Text(100),
  shippingAddress: ShippingAddress,
  quoteId: Type.Optional(Id),
});
