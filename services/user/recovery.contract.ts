/** A new password for who has forgotten theirs: a link is sent to the address of the account. */
import { action, type Block } from "#core/contract.ts";
import { Email, Nothing, Password, Strict } from "#core/schema.ts";
import { LinkToken } from "./email.contract.ts";

const actions = {
  sendPasswordReset: action({
    summary:
      "Have a link sent with which a forgotten password is replaced; the answer never tells whether there is an account",
    rest: "POST /password-resets",
    keyless: "Each request may send another e-mail, and their number is limited.",
    status: 204,
    auth: "public",
    limit: 10,
    input: Strict({ email: Email }),
    output: Nothing,
    errors: ["RATE_LIMITED"],
  }),
  resetPassword: action({
    summary: "Set a new password with the secret of the link that was sent, and end all sessions",
    rest: "POST /password-resets/confirm",
    keyless: "The link is good once.",
    timeout: 20_000,
    status: 204,
    auth: "public",
    limit: 20,
    input: Strict({ linkToken: LinkToken, password: Password(128, 10) }),
    output: Nothing,
    errors: ["LINK_INVALID", "VALIDATION_FAILED", "RATE_LIMITED"],
  }),
};

export const recovery = { name: "recovery", actions: () => actions } satisfies Block;
