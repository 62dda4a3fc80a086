/** Plans in the form that clients see. */
import type { PlanRow } from "./account.tables.ts";
import type { Plan } from "./plan.contract.ts";

export const toPlan = (row: PlanRow): Plan => ({
  id: row.id,
  code: row.code,
  interval: row.interval,
  name: { en: row.name_en, ko: row.name_ko },
  price: { amount: row.amount, currency: row.currency },
  taxRate: row.tax_rate,
  maxStreams: row.max_streams,
  maxHeight: row.max_height,
  regions: JSON.parse(row.regions) as string[],
  trialDays: row.trial_days,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  version: row.version,
});
