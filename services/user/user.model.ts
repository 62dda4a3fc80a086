/** The rules of accounts: which passwords will not do, what a new account is. */
import { newId, timestamp } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import { folded } from "#core/folding.ts";
import { type User, user } from "./user.contract.ts";
import { type Person, weaknessOf } from "./weak-password.model.ts";

export interface UserRow {
  id: string;
  email: string | null;
  password_hash: string | null;
  /** 1 for a password that was printed for its owner, until it is changed. */
  password_once: number;
  name: string | null;
  /** What is searched for of the name. */
  name_key: string | null;
  phone: string | null;
  language: User["language"];
  /** JSON. */
  roles: string;
  created_at: string;
  /** Since when the e-mail address is known to be theirs; null until then. */
  verified_at: string | null;
  deleted_at: string | null;
  version: number;
}

/** The row of someone who has not left. */
export type Account = UserRow & { email: string; password_hash: string; name: string };

interface NewPassword {
  readonly password: string;
  /** Where the request holds it. */
  readonly pointer: string;
  readonly language: User["language"] | undefined;
}

/** @throws VALIDATION_FAILED for a password that is guessed soon, or is the one that should be changed */
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
  /** The e-mail address is known to be theirs. */
  readonly isVerified: boolean;
  /** The password was printed for them. */
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
    created_at: createdAt,
    verified_at: made.isVerified ? createdAt : null,
    deleted_at: null,
    version: 1,
  };
}

export const rolesOf = ({ roles }: Pick<UserRow, "roles">): User["roles"] => JSON.parse(roles) as User["roles"];

/** What a sign-in carries: who has seen the printed password is no more than a customer until it is changed. */
export const grantedTo = (account: Account): User["roles"] =>
  account.password_once === 1 ? ["customer"] : rolesOf(account);

/** What is shown of an account. */
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

/** What a message to somebody needs. */
export function toContact(account: Account): Output<"user.contact">["items"][number] {
  const { id, email, name, phone, language, emailVerified } = toUser(account);
  return { id, email, name, phone, language, emailVerified };
}
