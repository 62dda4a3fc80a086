/** What is stored of a session or of rights that ended before their access tokens. */

export interface RevocationRow {
  id: string;
  /** JSON; null when a session has ended or the account was deleted. */
  roles: string | null;
  /** JSON; null when a node of the release before wrote it. */
  permissions: string | null;
  revoked_at: number;
  until: number;
}
