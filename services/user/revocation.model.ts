/** What is kept of access tokens that were taken back before their time. */

export interface RevocationRow {
  id: string;
  /** JSON; null when a session has ended, or a person has left. */
  roles: string | null;
  revoked_at: number;
  until: number;
}
