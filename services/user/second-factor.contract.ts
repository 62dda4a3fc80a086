/** A second factor: besides the password, a sign-in needs a code that an authenticator app shows (RFC 6238). */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { ById, Code, Nothing, Password, Strict, Timestamp } from "#core/schema.ts";
import { LinkToken } from "./email.contract.ts";
import { Tokens } from "./token.contract.ts";

const SecondFactor = Type.Object(
  {
    enabledAt: Type.Union([Timestamp, Type.Null()]),
    recoveryCodesLeft: Type.Integer(),
    isRequired: Type.Boolean({ description: "Without it, my account has the rights of customers only" }),
  },
  { title: "SecondFactor" },
);

const Enrolment = Type.Object(
  {
    secret: Type.String({ description: "In base 32, to be typed into an app" }),
    uri: Type.String({ description: "The same as `otpauth://`, to be shown as a QR code" }),
  },
  { title: "SecondFactorEnrolment" },
);

const RecoveryCodes = Type.Object(
  { recoveryCodes: Type.Array(Type.String(), { description: "Shown this once; each is good for one sign-in" }) },
  { title: "RecoveryCodes" },
);

const AppCode = Code("^[0-9]{6}$", 6);
/** Of the app, or a recovery code, with or without hyphens. */
const AnyCode = Code("^(?:[0-9]{6}|[A-Za-z2-7]{4}(?:-?[A-Za-z2-7]{4}){3})$", 19);
const password = Password(128);
const keyless = "The request or its answer holds a secret.";
const slow = { timeout: 20_000, limit: 10 };

const actions = {
  getSecondFactor: action({
    summary: "Whether my sign-in needs a code, and how many recovery codes are left",
    rest: "GET /users/me/second-factor",
    auth: "customer",
    export: "secondFactor",
    input: Strict({}),
    output: SecondFactor,
    errors: ["NOT_FOUND"],
  }),
  addSecondFactor: action({
    summary: "Begin with an authenticator app: its secret is shown once, and a code of it confirms it",
    rest: "POST /users/me/second-factor",
    keyless,
    ...slow,
    status: 201,
    auth: "customer",
    input: Strict({ password }),
    output: Enrolment,
    errors: ["NOT_FOUND", "BAD_CREDENTIALS", "EMAIL_UNVERIFIED", "SECOND_FACTOR_ON", "RATE_LIMITED"],
  }),
  confirmSecondFactor: action({
    summary: "Confirm the app with its first code: from now on a sign-in needs one. Answers recovery codes, once",
    rest: "POST /users/me/second-factor/confirm",
    keyless,
    limit: 10,
    auth: "customer",
    input: Strict({ appCode: AppCode }),
    output: RecoveryCodes,
    errors: ["NOT_FOUND", "CODE_WRONG", "SECOND_FACTOR_ON", "SECOND_FACTOR_OFF", "RATE_LIMITED"],
  }),
  resetRecoveryCodes: action({
    summary: "Get ten new recovery codes; the ones before are good no more",
    rest: "POST /users/me/second-factor/recovery-codes",
    keyless,
    ...slow,
    auth: "customer",
    input: Strict({ password, secondCode: AnyCode }),
    output: RecoveryCodes,
    errors: ["NOT_FOUND", "BAD_CREDENTIALS", "CODE_WRONG", "SECOND_FACTOR_OFF", "RATE_LIMITED"],
  }),
  removeSecondFactor: action({
    summary: "Sign in without a code from now on",
    rest: "DELETE /users/me/second-factor",
    ...slow,
    status: 204,
    auth: "customer",
    input: Strict({ password, secondCode: AnyCode }),
    output: Nothing,
    errors: ["NOT_FOUND", "BAD_CREDENTIALS", "CODE_WRONG", "SECOND_FACTOR_OFF", "RATE_LIMITED"],
  }),
  withdrawSecondFactor: action({
    summary: "Remove the second factor of a person who has lost it and all recovery codes. The person is told",
    rest: "DELETE /users/:id/second-factor",
    status: 204,
    auth: "admin",
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND", "SECOND_FACTOR_OFF"],
  }),
  signInWithCode: action({
    summary: "The second step of a sign-in: a code of the app, or a recovery code",
    rest: "POST /sessions/second-factor",
    keyless: "Tokens are never stored.",
    status: 201,
    auth: "public",
    limit: 20,
    input: Strict({ challenge: LinkToken, secondCode: AnyCode }),
    output: Tokens,
    errors: ["CHALLENGE_INVALID", "CODE_WRONG", "RATE_LIMITED"],
  }),
};

export const secondFactor = { name: "secondFactor", actions: () => actions } satisfies Block;
