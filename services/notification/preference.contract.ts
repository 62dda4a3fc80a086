/** What a person chooses about messages, and how one kind of them is stopped from an e-mail. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { unauthenticated } from "#core/errors.ts";
import { Code, Raw, Strict } from "#core/schema.ts";
import { kinds } from "./choice.model.ts";

export const preferenceErrors = {
  LINK_INVALID: unauthenticated(
    "The link is not valid",
    "유효하지 않은 링크입니다",
    "Open the link of the e-mail again, or sign in and change your preferences there.",
    "이메일의 링크를 다시 열거나, 로그인한 뒤 알림 설정에서 변경해 주세요.",
  ),
} as const;

const wanted = { email: Type.Boolean(), sms: Type.Boolean(), push: Type.Boolean() };
const OfChannels = Strict({
  email: Type.Optional(Type.Boolean()),
  sms: Type.Optional(Type.Boolean()),
  push: Type.Optional(Type.Boolean()),
});
const Kinds = Strict(
  Object.fromEntries(kinds.map((kind) => [kind, Type.Optional(OfChannels)])) as Record<
    (typeof kinds)[number],
    Type.TOptional<typeof OfChannels>
  >,
  {
    title: "NotificationKinds",
    description:
      "By kind and channel; what is not named is as the channel says, and reminders are sent to nobody who has not asked for them. " +
      "What is urgent is sent all the same: messages about the security of the account, and about a payment that failed",
  },
);
const HourOfDay = Type.String({ ...Code("^(?:[01]\\d|2[0-3]):[0-5]\\d$", 5), examples: ["22:00"] });
const QuietHours = Strict(
  {
    from: HourOfDay,
    to: HourOfDay,
    timeZone: Type.String({ ...Code("^[A-Za-z0-9_+/-]+$", 64), examples: ["Asia/Seoul"] }),
  },
  {
    title: "QuietHours",
    description:
      "Text and push messages wait until they are over, unless they are urgent. E-mails make no noise and are sent",
  },
);
const more = {
  kinds: Type.Optional(Kinds),
  quietHours: Type.Optional(Type.Union([QuietHours, Type.Null()])),
};

const Version = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Preferences = Type.Object({ ...wanted, ...more, version: Version }, { title: "Preferences" });
const Kind = Type.Enum([...kinds], { title: "NotificationKind" });
const Token = Type.String({
  ...Code("^[A-Za-z0-9_-]{20,120}$", 120),
  examples: ["AaIhPrpHdTydnkMT92Mt_gD0uYuF7hKeO19Kxto_Id_Qj3BdzfEfqwIVjdgRlD5YoA"],
});

const actions = {
  getPreferences: action({
    summary: "Which messages I want, on which channels, and when",
    rest: "GET /notification-preferences",
    export: "preferences",
    auth: "customer",
    concurrency: "read",
    input: Strict({}),
    output: Preferences,
  }),
  setPreferences: action({
    summary:
      "Choose which messages I want, on which channels, and when. What is not sent of kinds and quiet hours stays",
    rest: "PUT /notification-preferences",
    auth: "customer",
    concurrency: "write",
    input: Strict({ ...wanted, ...more, version: Type.Optional(Version) }),
    output: Preferences,
    errors: ["STALE_VERSION", "VALIDATION_FAILED"],
  }),
  getUnsubscription: action({
    summary: "What the link of an e-mail stops",
    rest: "GET /unsubscriptions/:token",
    auth: "public",
    limit: 60,
    input: Strict({ token: Token }),
    output: Type.Object({ kind: Kind, isWanted: Type.Boolean() }, { title: "Unsubscription" }),
    errors: ["LINK_INVALID"],
  }),
  withdraw: action({
    summary: "Stop e-mails of one kind, by the link in one of them: mail programs do it with one click (RFC 8058)",
    rest: "POST /unsubscriptions/:token",
    keyless: "Done again, it changes nothing.",
    auth: "public",
    limit: 60,
    raw: true,
    input: Strict({
      token: Token,
      headers: Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 8192 }), { maxProperties: 200 }),
      body: Raw(4096, 0),
    }),
    output: Type.Object({ kind: Kind, isWanted: Type.Boolean() }, { title: "Unsubscription" }),
    errors: ["LINK_INVALID", "STALE_VERSION"],
  }),
};

export const choices = { name: "choices", actions: () => actions } satisfies Block;
