/** Revocations of access tokens before they expire, as they are stored. */

export interface RevocationRow {
  id: string;
  /** JSON; null when a session has ended or the account was deleted. */
  roles: string | null;
  revoked_at: number;
  until: number;
}
