/** Carts: what somebody may buy, with today's prices. A cart holds no stock, and a guest's is known by its token. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Code, Id, Money, Nothing, Strict, Timestamp } from "#core/schema.ts";
import { variant } from "./answer.contract.ts";
import { MAX_QUANTITY } from "./basket.contract.ts";

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const CartLine = Type.Object(
  {
    productId: Id,
    quantity: Type.Integer(),
    state: Type.Enum(["available", "changed", "gone"], {
      description: "changed: its price is another than when it was put here; gone: it is not on sale",
    }),
    /** What follows is null for a product that is gone. */
    name: maybe(Type.String()),
    unitPrice: maybe(Money),
    lineTotal: maybe(Money),
    /** When it was put here, if it is another than today's. */
    formerPrice: maybe(Money),
    ...variant,
  },
  { title: "CartLine" },
);
export type CartLine = Static<typeof CartLine>;

const Version = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const cart = {
  items: Type.Array(CartLine),
  /** Of what is on sale, before shipping and tax that is added; null for an empty cart. */
  subtotal: maybe(Money),
  /** When it goes if nobody changes it; null for a customer who has put nothing into it yet. */
  expiresAt: maybe(Timestamp),
  version: Version,
};
export const Cart = Type.Object(cart, { title: "Cart" });
export type Cart = Static<typeof Cart>;

export const CartToken = Type.Optional({ ...Code("^[\\w-]{43}$", 43), description: "Of a guest's cart" });
const Quantity = Type.Integer({ minimum: 1, maximum: MAX_QUANTITY });
const Cut = Type.Object({ productId: Id, quantity: Type.Integer() }, { title: "CutLine" });

/** A customer's own cart; for whoever is not signed in, the cart of their token. */
const held = { auth: "public", inHeader: { cartToken: "Cart-Token" } } as const;

export const cartActions = {
  createCart: action({
    summary: "Begin a guest's cart; its token is shown this once",
    rest: "POST /carts",
    keyless: "The token is never stored.",
    status: 201,
    auth: "public",
    limit: 30,
    input: Strict({}),
    output: Type.Object({ ...cart, token: Type.String({ description: "Send it as Cart-Token" }) }),
  }),
  getCart: action({
    summary: "My cart with today's prices",
    rest: "GET /cart",
    export: "cart",
    ...held,
    concurrency: "read",
    input: Strict({ cartToken: CartToken }),
    output: Cart,
    errors: ["NOT_FOUND", "UNAUTHENTICATED"],
  }),
  addCartLine: action({
    summary: "Put units of a product into my cart, beside those that are there",
    rest: "POST /cart/lines",
    shownBy: "getCart",
    ...held,
    concurrency: "read",
    input: Strict({ cartToken: CartToken, productId: Id, quantity: Quantity }),
    output: Cart,
    errors: [
      "NOT_FOUND",
      "UNAUTHENTICATED",
      "PRODUCT_UNAVAILABLE",
      "VARIANT_REQUIRED",
      "MIXED_CURRENCIES",
      "CART_FULL",
    ],
  }),
  setCartLine: action({
    summary: "Set the quantity of a product in my cart; what else was changed meanwhile stays",
    rest: "PUT /cart/lines/:productId",
    ...held,
    concurrency: "write",
    input: Strict({ cartToken: CartToken, productId: Id, quantity: Quantity, version: Type.Optional(Version) }),
    output: Cart,
    errors: [
      "NOT_FOUND",
      "UNAUTHENTICATED",
      "STALE_VERSION",
      "PRODUCT_UNAVAILABLE",
      "VARIANT_REQUIRED",
      "MIXED_CURRENCIES",
      "CART_FULL",
    ],
  }),
  removeCartLine: action({
    summary: "Take a product out of my cart",
    rest: "DELETE /cart/lines/:productId",
    ...held,
    concurrency: "write",
    input: Strict({ cartToken: CartToken, productId: Id, version: Type.Optional(Version) }),
    output: Cart,
    errors: ["NOT_FOUND", "UNAUTHENTICATED", "STALE_VERSION"],
  }),
  removeCart: action({
    summary: "Take everything out of my cart",
    rest: "DELETE /cart",
    status: 204,
    ...held,
    input: Strict({ cartToken: CartToken }),
    output: Nothing,
    errors: ["NOT_FOUND", "UNAUTHENTICATED"],
  }),
  mergeCart: action({
    summary: "Put a guest's cart into mine after the sign-in; its token ends",
    rest: "POST /cart/merge",
    shownBy: "getCart",
    auth: "customer",
    concurrency: "read",
    inHeader: { cartToken: "Cart-Token" },
    input: Strict({ cartToken: CartToken }),
    output: Type.Object(
      {
        ...cart,
        cut: Type.Array(Cut, { description: "Units for which there was no room, or that have another currency" }),
      },
      { title: "MergedCart" },
    ),
    errors: ["NOT_FOUND"],
  }),
};

/** Told once after a day, for customers: nobody could remind a guest. */
export const CartAbandoned = Type.Object({
  cartId: Id,
  userId: Id,
  items: Type.Array(Type.Object({ productId: Id, quantity: Type.Integer() })),
});
