/**
 * Numbers without gaps, for documents whose numbers the law wants complete: invoices, orders. Adds `this.numbering`. A number
 * is a row in the transaction of its document, so what is rolled back leaves no gap; each row refers to the one before it, so
 * the database itself refuses a gap and a removal from the middle.
 *
 * @example
 * mixins: [database<Tables>(…), numbering()],
 * // in a transaction, last, because others who number wait until its end:
 * const number = await this.numbering.next(tx, `invoice-${year}`, invoice.id);
 */
import { type Kysely, sql as raw } from "kysely";
import type { Service } from "moleculer";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { AnyTransaction, Database } from "../database/database.ts";
import type { Migrations } from "../database/migrate.ts";
import { statements } from "../database/statement.ts";

interface NumberTable {
  numbers: {
    series: string;
    number: number;
    /** The number before this one in its series; null for the first. */
    previous: number | null;
    /** The id of the document that has it. */
    subject: string;
  };
}

export interface Numbering {
  /** The next number of a series, from 1 on. A document that has one already gets the same again. */
  next(tx: AnyTransaction, series: string, subject: string): Promise<number>;
}

async function createNumbers(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("numbers")
    .addColumn("series", "text", (column) => column.notNull())
    .addColumn("number", "bigint", (column) => column.notNull())
    .addColumn("previous", "bigint")
    .addColumn("subject", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("numbers_pk", ["series", "number"])
    .addUniqueConstraint("numbers_subject", ["series", "subject"])
    .addForeignKeyConstraint("numbers_previous", ["series", "previous"], "numbers", ["series", "number"])
    .addCheckConstraint(
      "numbers_without_gaps",
      raw`(number = 1 and previous is null) or (number > 1 and previous is not null and previous = number - 1)`,
    )
    .execute();
}

const migrations: Migrations = { "0001_numbers": { up: createNumbers } };

const sql = statements<NumberTable>();

const find = sql((q, p: { series: string; subject: string }) =>
  q.selectFrom("numbers").select("number").where("series", "=", p.series).where("subject", "=", p.subject),
);
const insertNext = sql((q, p: { series: string; subject: string }) =>
  q
    .insertInto("numbers")
    .columns(["series", "number", "previous", "subject"])
    .expression(
      q
        .selectFrom((from) =>
          from
            .selectFrom("numbers")
            .select((e) => e.fn.max("number").as("last"))
            .where("series", "=", p.series)
            .as("known"),
        )
        .select([
          raw<string>`cast(${p.series} as text)`.as("series"),
          raw<number>`coalesce(last, 0) + 1`.as("number"),
          "last as previous",
          raw<string>`cast(${p.subject} as text)`.as("subject"),
        ]),
    )
    .returning("number"),
);

const running: Numbering = {
  async next(tx, series, subject) {
    tx.lock(`numbers:${series}`);
    const known = await tx.one(find, { series, subject });
    return (known ?? (await tx.one(insertNext, { series, subject }))!).number;
  },
};

export function numbering(): Mixin<{ readonly numbering: Numbering }> {
  return mixin<{ readonly numbering: Numbering }, Service & { readonly db: Database<NumberTable> }>(
    {
      started() {
        addName(this, "numbering", running);
      },
    },
    { name: "numbering", migrations },
  );
}
