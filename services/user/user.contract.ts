/** The contract of the user service: accounts, sign-in, profiles, addresses and roles. */
import Type, { type Static } from "typebox";
import { action, defineContract, event } from "#core/contract.ts";
import { ById, Email, Id, Nothing, Page, paging, Password, Role, Strict, Text, Timestamp } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { revocationActions } from "./revocation.contract.ts";
import { addresses, IfMatch, Phone, Version } from "./address.contract.ts";
import { apiKeys } from "./api-key.contract.ts";
import { benefits } from "./benefit.contract.ts";
import { coupons } from "./coupon.contract.ts";
import { deviceActions } from "./device.contract.ts";
import { emailAddress } from "./email.contract.ts";
import { errors } from "./error.contract.ts";
import { mailEvents } from "./mail.contract.ts";
import { staffPermissions } from "./permission.contract.ts";
import { pointEvents, points } from "./point.contract.ts";
import { recovery } from "./recovery.contract.ts";
import { secondFactor } from "./second-factor.contract.ts";
import { ownSessions } from "./session.contract.ts";
import { Tokens } from "./token.contract.ts";

const Roles = Type.Array(Role, { minItems: 1, maxItems: 3, uniqueItems: true });
const grant = Type.Optional(Type.Boolean());
const Language = Type.Enum(["en", "ko"]);
const Name = Text(100);
const NewPassword = Password(128, 10);
/** The rules apply to new passwords only. Existing passwords stay valid when the rules change. */
const OldPassword = Password(128);

export const User = Type.Object(
  {
    id: Id,
    email: Email,
    name: Type.String(),
    phone: Type.Union([Type.String(), Type.Null()]),
    language: Language,
    roles: Roles,
    createdAt: Timestamp,
    emailVerified: Type.Boolean({
      description: "Until the address is verified, nothing about orders is sent to it",
    }),
    version: Version,
  },
  { title: "User" },
);
export type User = Static<typeof User>;

const Contact = Type.Object({
  ...Type.Pick(User, ["id", "email", "name", "language", "phone"]).properties,
  /** Nodes of the release before leave this field out. */
  emailVerified: Type.Optional(Type.Boolean()),
});

/** Milliseconds. Password checks are slow on purpose, and wait for each other when many people sign in at once. */
const HASHING = 20_000;

export const user = defineContract("user", {
  summary: "Accounts, sign-in, roles, profiles and addresses",
  blocks: [
    audit,
    inbox,
    outbox,
    addresses,
    ownSessions,
    emailAddress,
    recovery,
    secondFactor,
    staffPermissions,
    apiKeys,
    coupons,
    benefits,
    points,
  ],
  subscribes: ["order.delivered", "order.returned"],
  errors,
  actions: {
    signUp: action({
      summary: "Create an account",
      rest: "POST /users",
      keyless: "The request holds a password, of which only the hash is stored.",
      timeout: HASHING,
      status: 201,
      auth: "public",
      limit: 20,
      input: Strict({
        email: Email,
        password: NewPassword,
        name: Name,
        phone: Type.Optional(Phone),
        language: Type.Optional(Language),
      }),
      output: User,
      errors: ["EMAIL_TAKEN", "VALIDATION_FAILED", "RATE_LIMITED"],
    }),
    signIn: action({
      summary: "Sign in",
      rest: "POST /sessions",
      keyless: "Tokens are never stored.",
      timeout: HASHING,
      status: 201,
      auth: "public",
      limit: 20,
      input: Strict({
        email: Email,
        password: OldPassword,
        device: Type.Optional(
          Type.String({ ...Text(60), description: "What the device calls itself, for the list of sessions" }),
        ),
      }),
      output: Tokens,
      errors: ["BAD_CREDENTIALS", "SECOND_FACTOR_REQUIRED", "RATE_LIMITED"],
    }),
    getProfile: action({
      summary: "My profile",
      rest: "GET /users/me",
      export: "profile",
      auth: "customer",
      concurrency: "read",
      input: Strict({}),
      output: User,
      errors: ["NOT_FOUND"],
    }),
    editProfile: action({
      summary: "Change my profile",
      rest: "PATCH /users/me",
      auth: "customer",
      concurrency: "write",
      input: Strict({
        ...IfMatch,
        name: Type.Optional(Name),
        phone: Type.Optional(Type.Union([Phone, Type.Null()])),
        language: Type.Optional(Language),
      }),
      output: User,
      errors: ["NOT_FOUND", "STALE_VERSION"],
    }),
    erase: action({
      summary: "Delete my account: personal data is removed, only the id stays",
      rest: "DELETE /users/me",
      timeout: HASHING,
      status: 204,
      auth: "customer",
      limit: 10,
      concurrency: "write",
      input: Strict({ ...IfMatch, password: OldPassword }),
      output: Nothing,
      errors: ["NOT_FOUND", "STALE_VERSION", "BAD_CREDENTIALS", "LAST_ADMIN", "RATE_LIMITED"],
    }),
    changePassword: action({
      summary: "Change my password and end my other sessions",
      rest: "POST /users/me/password",
      keyless: "The request holds passwords, of which only the hash is stored.",
      timeout: HASHING,
      status: 204,
      auth: "customer",
      limit: 10,
      input: Strict({ currentPassword: OldPassword, newPassword: NewPassword }),
      output: Nothing,
      errors: ["NOT_FOUND", "BAD_CREDENTIALS", "VALIDATION_FAILED", "RATE_LIMITED"],
    }),
    ...deviceActions,
    ...revocationActions,
    list: action({
      summary: "Users, newest first",
      rest: "GET /users",
      auth: "admin",
      input: Strict({ ...paging, q: Type.Optional(Text(100)) }),
      output: Page(User),
    }),
    get: action({
      summary: "A user",
      rest: "GET /users/:id",
      auth: "admin",
      concurrency: "read",
      input: ById,
      output: User,
      errors: ["NOT_FOUND"],
    }),
    setRoles: action({
      summary: "Set a user's roles. A user who loses a role is signed out",
      rest: "PUT /users/:id/roles",
      auth: "admin",
      concurrency: "write",
      input: Strict({ ...IfMatch, id: Id, roles: Roles }),
      output: User,
      errors: ["NOT_FOUND", "STALE_VERSION", "LAST_ADMIN"],
    }),
    contact: action({
      summary: "Names and e-mail addresses of users, without deleted accounts",
      auth: "service",
      idempotent: true,
      input: Strict({ ids: Type.Array(Id, { minItems: 1, maxItems: 100 }) }),
      output: Type.Object({ items: Type.Array(Contact) }),
    }),
    seed: action({
      summary:
        "Make an account unless its e-mail address has one; with `grant` that one gets the roles, and the password is for one use",
      auth: "service",
      idempotent: true,
      timeout: HASHING,
      input: Strict({ email: Email, password: NewPassword, name: Name, roles: Roles, language: Language, grant }),
      output: Type.Object({ id: Id, created: Type.Boolean() }),
      errors: ["VALIDATION_FAILED", "RATE_LIMITED"],
    }),
  },
  events: {
    ...mailEvents,
    ...pointEvents,
    deleted: event({ version: 1, summary: "A user left: what is personal must go", data: Type.Object({ userId: Id }) }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    user: typeof user;
  }
}
