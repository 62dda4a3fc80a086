/** All SQL of plans. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { fitting, type PageOf } from "#core/cursor.ts";
import { columns } from "#mixins/database/statement.ts";
import { account } from "./account.contract.ts";
import { type Db, type PlanRow, sql, type Tx } from "./account.tables.ts";
import type { NewPlan, Plan, PlanChange } from "./plan.contract.ts";
import { toPlan } from "./plan.projection.ts";

/** The most plans that are offered at once. */
const MOST = 100;

const terms = [
  "name_en",
  "name_ko",
  "currency",
  "amount",
  "tax_rate",
  "trial_days",
  "max_streams",
  "max_height",
  "regions",
] as const;

const insert = sql((q, p: PlanRow) =>
  q
    .insertInto("plans")
    .values(columns(p, "id", "code", "interval", ...terms, "created_at", "archived_at", "version"))
    .onConflict((one) => one.column("code").doNothing()),
);
const findPlan = sql((q, p: { id: string }) => q.selectFrom("plans").selectAll().where("id", "=", p.id));
const listOffered = sql((q, p: { limit: number }) =>
  q
    .selectFrom("plans")
    .selectAll()
    .where("archived_at", "is", null)
    .orderBy("currency")
    .orderBy("amount")
    .orderBy("id")
    .limit(p.limit),
);
const overwrite = sql((q, p: PlanRow & { from: number }) =>
  q
    .updateTable("plans")
    .set(columns(p, ...terms, "archived_at", "version"))
    .where("id", "=", p.id)
    .where("version", "=", p.from),
);

type Terms = Pick<NewPlan, "name" | "price" | "taxRate" | "trialDays" | "maxStreams" | "maxHeight" | "regions">;

const columnsOf = ({ name, price, taxRate, trialDays, maxStreams, maxHeight, regions }: Terms) => ({
  name_en: name.en,
  name_ko: name.ko,
  ...price,
  tax_rate: taxRate,
  trial_days: trialDays,
  max_streams: maxStreams,
  max_height: maxHeight,
  regions: JSON.stringify(regions),
});

/** Answers undefined when another plan has the code. */
export async function add(tx: Tx, plan: NewPlan): Promise<Plan | undefined> {
  const { code, interval } = plan;
  const row = {
    ...columnsOf(plan),
    id: newId(),
    code,
    interval,
    created_at: timestamp(),
    archived_at: null,
    version: 1,
  };
  return (await tx.run(insert, row)) > 0 ? toPlan(row) : undefined;
}

/** Answers how many of them were not known. */
export async function seed(tx: Tx, plans: readonly NewPlan[]): Promise<number> {
  let added = 0;
  for (const plan of plans) if (await add(tx, plan)) added += 1;
  return added;
}

export const find = (db: Db, id: string): Promise<PlanRow | undefined> => db.one(findPlan, { id });

/** Plans that can be chosen, cheapest first. */
export async function list(db: Db, region?: string): Promise<PageOf<Plan>> {
  const plans = (await db.all(listOffered, { limit: MOST })).map(toPlan);
  const isOffered = ({ regions }: Plan) => region === undefined || regions.length === 0 || regions.includes(region);
  return { items: fitting(plans.filter(isOffered)), nextCursor: null };
}

/** @throws NOT_FOUND, STALE_VERSION when `version` is given and no longer the present one */
async function change(tx: Tx, id: string, version: number | undefined, to: (row: PlanRow) => PlanRow): Promise<Plan> {
  const row = await find(tx, id);
  if (!row) throw account.error("NOT_FOUND");
  const next = { ...to(row), version: row.version + 1 };
  const isStale = version !== undefined && version !== row.version;
  if (isStale || (await tx.run(overwrite, { ...next, from: row.version })) === 0) throw account.error("STALE_VERSION");
  return toPlan(next);
}

export const edit = (tx: Tx, { id, version, ...changes }: PlanChange): Promise<Plan> =>
  change(tx, id, version, (row) => ({ ...row, ...columnsOf({ ...toPlan(row), ...changes }) }));

export const archive = (tx: Tx, id: string, version?: number): Promise<Plan> =>
  change(tx, id, version, (row) => ({ ...row, archived_at: row.archived_at ?? timestamp() }));
