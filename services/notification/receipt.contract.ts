/** Receipts: what became of text messages, as their provider reports it. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { unauthenticated } from "#core/errors.ts";
import { Id, Raw, Strict, Text } from "#core/schema.ts";

export const receiptErrors = {
  SIGNATURE_INVALID: unauthenticated(
    "The signature is not valid",
    "서명이 유효하지 않습니다",
    "Sign the address that was given with the message, and the fields of the body, with the account's token.",
    "메시지와 함께 전달된 주소와 본문 필드를 계정 토큰으로 서명해 주세요.",
  ),
} as const;

const actions = {
  receiveReceipt: action({
    summary: "Signed report of a provider of text messages about one of them",
    rest: "POST /notification-receipts/:provider/:id",
    keyless: "A report that comes twice changes nothing.",
    auth: "public",
    raw: true,
    input: Strict({
      provider: Text(253),
      id: Id,
      headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
      body: Raw(16_384),
    }),
    output: Type.Object({ received: Type.Literal(true) }),
    errors: ["NOT_FOUND", "SIGNATURE_INVALID"],
  }),
};

export const receipts = { name: "receipts", actions: () => actions } satisfies Block;
