/** A service as Madang writes it. */
import Type from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { Id, Strict } from "#core/schema.ts";

export const peer = defineContract("peer", {
  summary: "Answers as another service would",
  actions: {
    say: action({
      summary: "Hold stock",
      auth: "service",
      idempotent: true,
      input: Strict({
        orderId: Id,
        items: Type.Array(Strict({ productId: Id, quantity: Type.Integer({ minimum: 1 }) }), { maxItems: 100 }),
      }),
      output: Type.Object({ orderId: Id, status: Type.String(), expiresAt: Type.String() }),
    }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    peer: typeof peer;
  }
}
