/** The e-mail address of an account: it is confirmed by a link, and so is another before it takes the place of the first. */
import { action, type Block } from "#core/contract.ts";
import { Code, Email, Nothing, Password, Strict } from "#core/schema.ts";
import { mailActions } from "./mail.contract.ts";

/** The secret of a link. */
export const LinkToken = Code("^[A-Za-z0-9_-]{64}$", 64);

const actions = {
  ...mailActions,
  sendVerification: action({
    summary: "Send me another e-mail with which I confirm my address",
    rest: "POST /users/me/email-verifications",
    keyless: "Each request sends another e-mail, and their number is limited.",
    status: 204,
    auth: "customer",
    limit: 10,
    input: Strict({}),
    output: Nothing,
    errors: ["NOT_FOUND", "EMAIL_VERIFIED", "RATE_LIMITED"],
  }),
  changeEmail: action({
    summary: "Change my e-mail address: it takes effect when the link that is sent to it is confirmed",
    rest: "POST /users/me/email",
    keyless: "The request holds a password.",
    timeout: 20_000,
    status: 204,
    auth: "customer",
    limit: 10,
    input: Strict({ email: Email, password: Password(128) }),
    output: Nothing,
    errors: ["NOT_FOUND", "BAD_CREDENTIALS", "EMAIL_TAKEN", "EMAIL_VERIFIED", "RATE_LIMITED"],
  }),
  confirmEmail: action({
    summary: "Confirm an e-mail address with the secret of the link that was sent to it",
    rest: "POST /email-verifications",
    keyless: "The link is good once.",
    status: 204,
    auth: "public",
    limit: 20,
    input: Strict({ linkToken: LinkToken }),
    output: Nothing,
    errors: ["LINK_INVALID", "EMAIL_TAKEN"],
  }),
};

export const emailAddress = { name: "emailAddress", actions: () => actions } satisfies Block;
