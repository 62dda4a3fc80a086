/** What is stored of an API key. */

export interface ApiKeyRow {
  id: string;
  name: string;
  /** SHA-256 of the key, in hexadecimal digits. */
  digest: string;
  /** JSON. */
  permissions: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}
