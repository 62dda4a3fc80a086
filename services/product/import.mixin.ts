/** Handlers of imports and exports, and the jobs that work them off. */
import type { Service } from "moleculer";
import { DAY, now, timestamp } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import { newId } from "#core/id.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { JobRun } from "#core/job-run.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Jobs } from "#mixins/jobs/jobs.mixin.ts";
import { exportPage, reportPage } from "./export.projection.ts";
import type { importJobs as kinds, imports as contract } from "./import.contract.ts";
import { checkColumns } from "./import.model.ts";
import { checkUtf8, columnsIn, removeParts, storePart } from "./import.provider.ts";
import * as imports from "./import.repository.ts";
import { importFile } from "./importing.transition.ts";
import { config } from "./product.config.ts";
import { numberIn } from "./product.model.ts";
import { product } from "./product.contract.ts";
import type { ProductTables } from "./product.tables.ts";

interface Host extends Service {
  readonly db: Database<ProductTables>;
  readonly idempotency: Idempotency;
  readonly jobs: Jobs<typeof kinds>;
}

/** Milliseconds for which an import is kept with its file and its report. */
const KEEP = 7 * DAY;
const BATCH = 20;

/** Stores a part, and begins the job with the last one. A part that comes again changes nothing. @throws IMPORT_PART */
async function receive(host: Host, id: string, number: number, bytes: Buffer, isLast: boolean) {
  const { state, parts } = await imports.find(host.db, id);
  if (state !== "receiving" && number <= parts) return imports.read(host.db, id);
  const expected = state === "receiving" ? parts + 1 : null;
  if (expected === null || number > expected) throw product.error("IMPORT_PART", { expected });
  await storePart(host.broker, id, number, bytes);
  await host.db.write(async (tx) => {
    tx.add(imports.take(id, number, isLast, expected));
    if (isLast) tx.add(host.jobs.add("importProducts", { id }, { id, key: id }));
  });
  return imports.read(host.db, id);
}

const handlers = {
  async createImport(this: Host, ctx: Ctx<Input<"product.createImport">>) {
    const { content, isPart = false } = ctx.params;
    const bytes = Buffer.from(content, "base64");
    checkUtf8(bytes, { isFirst: true, isLast: !isPart });
    checkColumns(await columnsIn(bytes), config.PRODUCT_LANGUAGE);
    // Who asks again with the same key stores the part again, in case that this node died before it did.
    const { id } = await this.idempotency.once(ctx, async (tx) => {
      const made = newId();
      tx.add(imports.insert(made));
      return imports.read(tx, made);
    });
    return receive(this, id, 1, bytes, !isPart);
  },

  addImportPart(this: Host, ctx: Ctx<Input<"product.addImportPart">>) {
    const { id, number, content, isPart = false } = ctx.params;
    const bytes = Buffer.from(content, "base64");
    checkUtf8(bytes, { isFirst: false, isLast: !isPart });
    return receive(this, id, number, bytes, !isPart);
  },

  getImport(this: Host, ctx: Ctx<Input<"product.getImport">>) {
    return imports.read(this.db, ctx.params.id);
  },

  getImportReport(this: Host, ctx: Ctx<Input<"product.getImportReport">>) {
    const { id, cursor } = ctx.params;
    return reportPage(this.db, id, numberIn(cursor), ctx.meta.language);
  },

  exportProducts(this: Host, ctx: Ctx<Input<"product.exportProducts">>) {
    return exportPage(this.db, ctx.params.cursor, now());
  },
} satisfies BlockHandlers<typeof contract>;

export const importsOfProducts = (): Mixin => mixin({}, { name: "imports", migrations: {}, handlers });

/** The job of an import. */
export async function work(host: Pick<Host, "broker" | "db">, run: JobRun<{ id: string }>) {
  await importFile(host, run);
  return { writes: [imports.finish(run.input.id)] };
}

/** Removes imports of last week, with their files. */
export async function removeOld({ db, broker }: Pick<Host, "broker" | "db">, { signal }: JobRun) {
  const before = timestamp(now() - KEEP);
  for (const { id } of await imports.old(db, before, BATCH)) {
    signal.throwIfAborted();
    await removeParts(broker, id);
    await db.write(async (tx) => tx.add(imports.remove(id)));
  }
}
