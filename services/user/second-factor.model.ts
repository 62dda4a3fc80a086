/** The rows of second factors, of recovery codes, and of sign-ins that wait for a code. */

export interface SecondFactorTables {
  second_factors: { user_id: string; secret: string; is_confirmed: number; last_step: number };
  recovery_codes: { user_id: string; code_hash: string };
  challenges: { id: string; user_id: string; device: string | null; expires_at: number };
}
