/** Browsers that receive push messages. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { ById, Code, Id, Nothing, Page, Strict, Timestamp } from "#core/schema.ts";

export const pushErrors = {
  SUBSCRIPTIONS_FULL: refused(
    "No more browsers can receive push messages",
    "푸시 알림을 받을 브라우저를 더 등록할 수 없습니다",
    "Unsubscribe a browser that is no longer used, then try again.",
    "더 이상 사용하지 않는 브라우저의 구독을 해지한 다음 다시 시도해 주세요.",
  ),
} as const;

/** As browsers write it (`JSON.stringify(subscription)`), so `expirationTime` is read though nothing depends on it. */
const NewPushSubscription = Strict({
  endpoint: Code("^https://[^\\s/]+/[^\\s]*$", 1000),
  expirationTime: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
  ),
  keys: Strict({
    p256dh: Code("^[A-Za-z0-9_-]+=*$", 100),
    auth: Code("^[A-Za-z0-9_-]+=*$", 30),
  }),
});

const KeptPushSubscription = Type.Object(
  { id: Id, endpoint: Type.String(), createdAt: Timestamp },
  { title: "PushSubscription" },
);

const actions = {
  getPushKey: action({
    summary: "The key with which a browser subscribes to push messages",
    rest: "GET /push-keys/current",
    auth: "public",
    input: Strict({}),
    output: Type.Object(
      {
        publicKey: Type.Union([Type.String(), Type.Null()], {
          description: "For `applicationServerKey`, in Base64url; null where push messages are not sent",
        }),
      },
      { title: "PushKey" },
    ),
  }),
  subscribe: action({
    summary: "Let a browser receive push messages",
    rest: "POST /push-subscriptions",
    keyless: "A browser has one subscription, whose address is a secret: asked again, it is the same one.",
    status: 201,
    auth: "customer",
    input: NewPushSubscription,
    output: KeptPushSubscription,
    errors: ["SUBSCRIPTIONS_FULL"],
  }),
  listSubscriptions: action({
    summary: "Browsers that receive my push messages: so few that one page holds them",
    rest: "GET /push-subscriptions",
    export: "pushSubscriptions",
    auth: "customer",
    input: Strict({}),
    output: Page(KeptPushSubscription),
  }),
  unsubscribe: action({
    summary: "Stop push messages to a browser",
    rest: "DELETE /push-subscriptions/:id",
    status: 204,
    auth: "customer",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
};

export const pushes = { name: "pushes", actions: () => actions } satisfies Block;
