/** The rules of accounts: which passwords are refused, and how a new account begins. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Input, Output } from "#core/contract.ts";
import { folded } from "#core/folding.ts";
import { config } from "./user.config.ts";
import { type User, user } from "./user.contract.ts";
import { type Person, weaknessOf } from "./password-rules.model.ts";

export interface UserRow {
  id: string;
  email: string | null;
  password_hash: string | null;
  /** 1 for a printed password, until its owner changes it. */
  password_once: number;
  name: string | null;
  /** The folded name, for searches. */
  name_key: string | null;
  phone: string | null;
  language: User["language"];
  /** JSON. */
  roles: string;
  /** JSON: what they may do as staff; null for all that staff may. */
  permissions: string | null;
  created_at: string;
  /** When the e-mail address was verified; null before that. */
  verified_at: string | null;
  /** Since when a sign-in needs a code; null without a second factor. */
  second_factor_at: string | null;
  deleted_at: string | null;
  version: number;
}

/** The row of an account that is not deleted. */
export type Account = UserRow & { email: string; password_hash: string; name: string };

interface NewPassword {
  readonly password: string;
  /** The JSON pointer to the password in the request. */
  readonly pointer: string;
  readonly language: User["language"] | undefined;
}

/** @throws VALIDATION_FAILED for a password that is easy to guess, or that equals the one to be changed */
export function checkNewPassword(
  { password, pointer, language = "en" }: NewPassword,
  person: Person,
  current?: string,
): void {
  const weakness = weaknessOf(password, person, current);
  if (weakness) throw user.error("VALIDATION_FAILED", { errors: [{ pointer, detail: weakness[language] }] });
}

interface NewUser extends Omit<Input<"user.seed">, "password"> {
  readonly phone?: string;
  readonly passwordHash: string;
  /** The e-mail address is verified. */
  readonly isVerified: boolean;
  /** The password was printed for its owner. */
  readonly isOnce?: boolean;
}

export function newAccount({ email, name, phone, language, roles, passwordHash, ...made }: NewUser): Account {
  const createdAt = timestamp();
  return {
    id: newId(),
    email,
    password_hash: passwordHash,
    password_once: Number(made.isOnce ?? false),
    name,
    name_key: folded(name),
    phone: phone ?? null,
    language,
    roles: JSON.stringify(roles),
    permissions: null,
    created_at: createdAt,
    verified_at: made.isVerified ? createdAt : null,
    second_factor_at: null,
    deleted_at: null,
    version: 1,
  };
}

export const rolesOf = ({ roles }: Pick<UserRow, "roles">): User["roles"] => JSON.parse(roles) as User["roles"];

/** True where staff and administrators must have a second factor, for one of them. */
export const needsSecondFactor = (account: Pick<UserRow, "roles">): boolean =>
  config.USER_STAFF_SECOND_FACTOR && rolesOf(account).some((role) => role !== "customer");

/**
 * The roles in an access token: a customer's with a printed password, because others may have read it, and without a second
 * factor where one is needed.
 */
export function grantedTo(account: Account): User["roles"] {
  const lacksFactor = needsSecondFactor(account) && account.second_factor_at === null;
  return account.password_once === 1 || lacksFactor ? ["customer"] : rolesOf(account);
}

/** The fields of an account that clients see. */
export const toUser = (account: Account): User => ({
  id: account.id,
  email: account.email,
  name: account.name,
  phone: account.phone,
  language: account.language,
  roles: rolesOf(account),
  createdAt: account.created_at,
  emailVerified: account.verified_at !== null,
  version: account.version,
});

/** The fields that a message to a person needs. */
export function toContact(account: Account): Output<"user.contact">["items"][number] {
  const { id, email, name, phone, language, emailVerified } = toUser(account);
  return { id, email, name, phone, language, emailVerified };
}
