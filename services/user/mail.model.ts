/**
 * E-mails about an account: what each is for, how long what it asks for is possible, and the token in its link. The token
 * is computed from the e-mail's id, so it is stored nowhere, and an e-mail that is sent twice has the same.
 */
import { DAY, HOUR } from "#core/clock.ts";
import { readId, writeId } from "./seal.model.ts";

/** `verify` and `reset` have a link; the others tell of something. */
export type MailKind = "verify" | "reset" | "notice";

export interface MailRow {
  id: string;
  user_id: string;
  kind: MailKind;
  /** To whom it goes, where that is not the address of the account. */
  email: string | null;
  /** JSON: what it tells. */
  detail: string | null;
  created_at: number;
  /** Milliseconds since the epoch. */
  expires_at: number;
}

/** What a notice tells, such as where somebody signed in. */
export type Detail = Readonly<Partial<Record<"device" | "network", string>>>;

/** Milliseconds for which a link is good, and a notice waits for being sent. */
export const lifetimes: Readonly<Record<MailKind, number>> = { verify: DAY, reset: HOUR / 2, notice: 7 * DAY };

export const writeToken = ({ id, kind }: Pick<MailRow, "id" | "kind">): string => writeId(kind, id);

/** The id of the e-mail; null for a token that this service never made for this. */
export const readToken = (token: string, kind: MailKind): string | null => readId(kind, token);

/**
 * The address to which the link of an e-mail leads. The token is behind `#`, which browsers send to nobody, so it is in no
 * server's log.
 * @param page on which people finish it, where the deployment has one
 */
export function linkOf(row: Pick<MailRow, "id" | "kind">, page: string | null): string | null {
  if (page === null || row.kind === "notice") return null;
  const link = new URL(page);
  link.hash = `${row.kind}=${writeToken(row)}`;
  return link.href;
}
