/**
 * E-mails about an account. Events name an e-mail that is wanted; whoever sends it asks for its address and its link at
 * that moment, so that no event, log or table holds a secret.
 */
import Type from "typebox";
import { action, event } from "#core/contract.ts";
import { Email, Id, Strict } from "#core/schema.ts";

const Optional = Type.Union([Type.String(), Type.Null()]);

const Mail = Type.Object({
  id: Id,
  email: Type.Union([Email, Type.Null()], {
    description: "To whom it goes; null for the address of the account, if that is verified",
  }),
  link: Optional,
  code: Type.Union([Type.String(), Type.Null()], { description: "The secret of the link by itself" }),
  device: Optional,
  network: Optional,
});

export const mailActions = {
  lookupMails: action({
    summary: "E-mails that are still to be sent, with their addresses and links",
    auth: "service",
    idempotent: true,
    input: Strict({ ids: Type.Array(Id, { minItems: 1, maxItems: 100 }) }),
    output: Type.Object({ items: Type.Array(Mail) }),
  }),
};

const data = Type.Object({ userId: Id, mailId: Id });

export const mailEvents = {
  verification_requested: event({
    version: 1,
    summary: "Somebody must confirm an e-mail address: a link to it is wanted",
    data,
  }),
  email_changed: event({
    version: 1,
    summary: "An account has another e-mail address: the one before is told",
    data,
  }),
  password_reset_requested: event({
    version: 1,
    summary: "Somebody has forgotten the password: a link to a new one is wanted",
    data,
  }),
  sign_in_noticed: event({
    version: 1,
    summary: "Somebody signed in with a device or from a network that the account was never used with",
    data,
  }),
  second_factor_changed: event({
    version: 1,
    summary: "The second factor of an account began, ended or was renewed, or a recovery code was used",
    data: Type.Object({
      userId: Id,
      change: Type.Enum(["enabled", "disabled", "withdrawn", "codes_renewed", "code_used"]),
    }),
  }),
  api_key_changed: event({
    version: 1,
    summary: "An administrator made or revoked an API key: they are told, should it have been somebody else",
    data: Type.Object({
      userId: Id,
      change: Type.String({ examples: ["created", "removed"] }),
      prefix: Type.String({ description: "How the key begins; this part is no secret" }),
    }),
  }),
  password_changed: event({ version: 1, summary: "A password was changed", data: Type.Object({ userId: Id }) }),
};
